// Prints the countries of one TopoJSON file as a GeoJSON FeatureCollection.
// Usage: node scripts/build_borders.mjs web/node_modules/world-atlas/countries-10m.json
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { feature } = createRequire(new URL("../web/package.json", import.meta.url))("topojson-client");
const topology = JSON.parse(readFileSync(process.argv[2], "utf8"));
process.stdout.write(JSON.stringify(feature(topology, topology.objects.countries)));
