# SPDX-License-Identifier: MIT
#
# client/: the browser bundles of socket.io-client, at the version pinned in
# package.json.
