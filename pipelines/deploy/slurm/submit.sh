#!/usr/bin/env bash
# Scans a directory on a Slurm cluster: a plan, a job array that scans its shards, and a merge that waits for them.
#
#   submit.sh [--shards N] VIDEOS OUTPUT [options of assay scan, the same for every element …]
#
# VIDEOS and OUTPUT must have the same absolute paths on all nodes. Set ASSAY to the program if it is not in PATH, and
# SBATCH_PARTITION, SBATCH_ACCOUNT and the like as for any job. Prints the ids of the array and of the merge.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
size=(--minutes 10)
if [ "${1:-}" = --shards ]; then size=(--shards "$2"); shift 2; fi
[ $# -ge 2 ] || { sed -n '2,8p' "$0" >&2; exit 64; }
videos=$(realpath "$1"); mkdir -p "$2"; output=$(realpath "$2"); shift 2
export ASSAY=${ASSAY:-assay}
export ASSAY_OUTPUT=$output ASSAY_WORK=$output/cluster-$(date +%Y%m%dT%H%M%S)-$$
mkdir -p "$ASSAY_WORK/logs"

"$ASSAY" plan "$videos" -o "$ASSAY_WORK/plan" "${size[@]}" >&2
shards=$(sed -nE '1s/.*"shards":([0-9]+).*/\1/p' "$ASSAY_WORK/plan")
most=$(scontrol show config | sed -nE 's/^MaxArraySize *= *([0-9]+)/\1/p')
if [ "$shards" -ge "${most:-1001}" ]; then
  echo "$shards shards are more than MaxArraySize ($most) allows: give --shards $((most - 1)) or fewer" >&2
  exit 2
fi
array=$(sbatch --parsable --array="0-$((shards - 1))" --output="$ASSAY_WORK/logs/%a.log" "$here/element.sbatch" "$@")
merge=$(sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes \
  --output="$ASSAY_WORK/logs/merge.log" "$here/merge.sbatch")
echo "$array $merge"
