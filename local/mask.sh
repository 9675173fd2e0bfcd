#!/usr/bin/env bash
# Masks the password of DATABASE_URL in the log of a GitHub workflow. GitHub masks only whole secrets, and the Atlas CLI
# may print the password alone. The exit code is 1 if DATABASE_URL is missing or invalid.
set -euo pipefail

[ -n "${DATABASE_URL:-}" ] || { echo "::error::this environment has no secret DATABASE_URL: set it to mysql://user:pass@host:3306/db?tls=true"; exit 1; }
case $DATABASE_URL in mysql://*) ;; *) echo "::error::the secret DATABASE_URL must begin with mysql://"; exit 1 ;; esac
rest=${DATABASE_URL#*://}
case $rest in *@*) ;; *) exit 0 ;; esac
user=${rest%@*}
case $user in *:?*) ;; *) exit 0 ;; esac
password=${user#*:}
echo "::add-mask::$password"
# The driver gets the percent-decoded password.
printf '::add-mask::%b\n' "${password//%/\\x}"
