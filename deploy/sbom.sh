#!/bin/sh
# Writes a software bill of materials (CycloneDX 1.6, JSON) of what the gateway ships to the standard output, from the lock file that
# the build restores by. Needs jq.
# Usage: deploy/sbom.sh > mixgateway.cdx.json
set -eu
root=$(dirname "$0")/..
version=$(sed -n 's|.*<VersionPrefix>\(.*\)</VersionPrefix>.*|\1|p' "$root/Directory.Build.props")
jq --arg version "$version" '{
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: { component: { type: "application", name: "MixGateway", version: $version, "bom-ref": "mixgateway" } },
  components: [
    .dependencies["net10.0"] | to_entries[] | select(.value.type != "Project")
    | { type: "library", name: .key, version: .value.resolved, purl: "pkg:nuget/\(.key)@\(.value.resolved)", "bom-ref": "\(.key)@\(.value.resolved)" }
  ],
  dependencies: (
    .dependencies["net10.0"] as $packages
    | [ { ref: "mixgateway", dependsOn: [ $packages | to_entries[] | select(.value.type == "Direct") | "\(.key)@\(.value.resolved)" ] } ]
    + [ $packages | to_entries[] | select(.value.type != "Project")
        | { ref: "\(.key)@\(.value.resolved)", dependsOn: [ (.value.dependencies // {}) | keys[] | select($packages[.] != null and $packages[.].type != "Project") | "\(.)@\($packages[.].resolved)" ] } ]
  )
}' "$root/src/MixGateway/packages.lock.json"
