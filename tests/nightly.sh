#!/usr/bin/env bash
# The longer searches, for a machine that has some hours and nothing else to do: the same tests as in every run, with more
# rounds, seeds of their own and more callers. A failure prints the seed that repeats it.
set -euo pipefail
cd "$(dirname "$0")/.."
export MIXGATEWAY_FUZZ_COUNT=${MIXGATEWAY_FUZZ_COUNT:-200000}
export MIXGATEWAY_WALKS=${MIXGATEWAY_WALKS:-1000}
export MIXGATEWAY_FAULT_ROUNDS=${MIXGATEWAY_FAULT_ROUNDS:-66}
export MIXGATEWAY_CRASH_ROUNDS=${MIXGATEWAY_CRASH_ROUNDS:-60}
export MIXGATEWAY_ROLLOUT_CALLERS=${MIXGATEWAY_ROLLOUT_CALLERS:-200}
dotnet test tests/MixGateway.Tests --filter "FullyQualifiedName~Fuzz"
# One campaign at a time: each of them wants the whole machine.
dotnet test tests/MixGateway.IntegrationTests --filter "FullyQualifiedName~.Walk.|FullyQualifiedName~.Crash.|FullyQualifiedName~.Rollout.|FullyQualifiedName~.Races." -- xUnit.MaxParallelThreads=1
