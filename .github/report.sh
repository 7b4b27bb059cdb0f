#!/usr/bin/env bash
# The text of the weekly pull request: report.sh BUILD_LOG BUILD_STATUS REPORT FULL
# REPORT gets at most what GitHub takes as a text; the folder FULL gets everything.
set -euo pipefail
log=$1 status=$2 report=$3 full=$4
python=${PYTHON:-.venv/bin/python}
mkdir -p "$full"
cp "$log" "$full/build.txt"

changed=()
for spec in specs/*.yaml; do
  name=$(basename "$spec" .yaml)
  # A spec that is not committed yet has nothing to be compared with.
  if git cat-file -e "HEAD:$spec" 2>/dev/null && ! git diff --quiet HEAD -- "$spec"; then
    changed+=("$name")
  fi
done

# What one part may take, so that all of them together stay below GitHub's 65536 characters.
parts=$((${#changed[@]} > 0 ? ${#changed[@]} : 1))
room=$((45000 / parts))

: > "$report"
if [ "$status" -ne 0 ]; then
  {
    echo "## \`make build\` fails"
    echo
    echo "\`generated/\` is still that of the old specs. Mend the overlays on this branch:"
    echo
    echo '```text'
    head --bytes 12000 "$log"
    echo
    echo '```'
    echo "The whole list is \`build.txt\` of the run's artifact."
    echo
  } >> "$report"
else
  # With the overlays applied: what users of the client and the emulator see.
  "$python" -m pipeline diff HEAD:generated/openapi.json generated/openapi.json \
    --format markdown --fail-on never > "$full/contract.md"
fi
for name in "${changed[@]}"; do
  "$python" -m pipeline diff "HEAD:$name" "$name" --format markdown --fail-on never \
    > "$full/$name.md"
  "$python" -m pipeline diff "HEAD:$name" "$name" --format json --fail-on never \
    > "$full/$name.json"
  "$python" -m pipeline diff "HEAD:$name" "$name" --format markdown --fail-on never \
    --most "$room" >> "$report"
  echo >> "$report"
done
if [ "${#changed[@]}" -eq 0 ]; then
  echo "Only where the specs come from changed (\`specs/sources.toml\`)." >> "$report"
fi
