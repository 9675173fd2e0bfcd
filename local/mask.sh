#!/usr/bin/env bash
# Tells GitHub to show no part of DATABASE_URL that signs somebody in: it hides a secret only where all of it stands, and
# the Atlas CLI hands the parts to its driver one by one. Ends with 1 where there is no DATABASE_URL.
set -euo pipefail

[ -n "${DATABASE_URL:-}" ] || { echo "::error::this environment has no secret DATABASE_URL, such as mysql://user:pass@host:3306/db?tls=true"; exit 1; }
case $DATABASE_URL in mysql://*) ;; *) echo "::error::the secret DATABASE_URL begins with another word than mysql://"; exit 1 ;; esac
rest=${DATABASE_URL#*://}
case $rest in *@*) ;; *) exit 0 ;; esac
user=${rest%@*}
case $user in *:?*) ;; *) exit 0 ;; esac
password=${user#*:}
echo "::add-mask::$password"
# As the driver gets it: without percent signs.
printf '::add-mask::%b\n' "${password//%/\\x}"
