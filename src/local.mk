# SPDX-License-Identifier: MIT
#
# src/: the program socketio-chat. A new file is one line in its sources.
