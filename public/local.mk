# SPDX-License-Identifier: MIT
#
# public/: the chat page, installed as it is.

publicdir = $(pkgdatadir)/public
dist_public_DATA = %D%/index.html %D%/socketio-chat.js %D%/style.css \
	%D%/ways.css %D%/ways.html %D%/ways.js
