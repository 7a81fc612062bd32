#!/bin/sh
# Writes a software bill of materials (CycloneDX 1.6, JSON) of what was published to the standard output: every package whose files are in the
# folder, from the list that the build has put there for the runtime. Needs jq.
# Usage: dotnet publish src/MixGateway -c Release -o out && deploy/sbom.sh out > mixgateway.cdx.json
set -eu
list=${1:?the folder of the published output}/MixGateway.deps.json
jq '(.targets[.runtimeTarget.name]) as $build
| (.libraries | with_entries(select(.value.type == "package"))) as $packages
| ($packages | keys | map({ key: split("/")[0], value: sub("/"; "@") }) | from_entries) as $references
| def needed: (.dependencies // {}) | keys | map($references[.] // empty);
{
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: { component: {
    type: "application", name: "MixGateway", "bom-ref": "mixgateway",
    version: (.libraries | keys[] | select(startswith("MixGateway/")) | split("/")[1])
  } },
  components: [ $packages | keys[] | split("/") | {
    type: "library", name: .[0], version: .[1], purl: "pkg:nuget/\(.[0])@\(.[1])", "bom-ref": "\(.[0])@\(.[1])"
  } ],
  dependencies: [
    { ref: "mixgateway", dependsOn: ([ $build | to_entries[] | select($packages[.key] == null) | .value | needed[] ] | unique) },
    ($build | to_entries[] | select($packages[.key] != null) | { ref: (.key | sub("/"; "@")), dependsOn: (.value | needed) })
  ]
}' "$list"
