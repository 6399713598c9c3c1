#!/usr/bin/env bash
# How Vestby answers to prices and cycle paths, against published elasticities (the accepted bands; two more have none and are
# held to their direction): one replication each with the same draws, so that only the change makes a difference.
set -euo pipefail
exec /usr/bin/python3 "$VESTSIM_SOURCE_DIR/tests/golden/vestby_elasticities.py"
