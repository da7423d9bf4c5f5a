// SPDX-License-Identifier: Apache-2.0
// What a client from npm sees of a server by reflection alone: its services,
// and one call made with nothing but the descriptors that it was sent.
// reflect.js PORT CA CERTIFICATE KEY
'use strict';
const fs = require('fs');
const grpc = require('@grpc/grpc-js');
const { Client } = require('grpc-reflection-js');

const WANTED = ['cpts.v1.CoverageService', 'cpts.v1.NodeService', 'cpts.v1.ReferenceService',
  'cpts.v1.RegistryService', 'grpc.health.v1.Health', 'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection'];

function call(address, credentials, type, request) {
  const client = new grpc.Client(address, credentials);
  const deadline = Date.now() + 10000;
  return new Promise((resolve, reject) => client.makeUnaryRequest(
    '/cpts.v1.ReferenceService/ListRegions', type.request.encode.bind(type.request),
    type.response.decode.bind(type.response), request, new grpc.Metadata(), { deadline },
    (error, response) => {
      client.close();
      return error ? reject(error) : resolve(response);
    }));
}

async function main([port, ca, certificate, key]) {
  const address = `127.0.0.1:${port}`;
  const credentials = grpc.credentials.createSsl(
    fs.readFileSync(ca), fs.readFileSync(key), fs.readFileSync(certificate));
  const reflection = new Client(address, credentials);
  const services = await reflection.listServices();
  if (JSON.stringify([...services].sort()) !== JSON.stringify(WANTED)) {
    throw new Error(`services: ${services}`);
  }
  for (const service of WANTED) {
    const root = await reflection.fileContainingSymbol(service);
    const methods = Object.keys(root.lookupService(service).methods);
    if (methods.length === 0) throw new Error(`${service} has no methods`);
    console.log(`${service}: ${methods.join(' ')}`);
  }
  const root = await reflection.fileContainingSymbol('cpts.v1.ReferenceService');
  const encode = (name) => {
    const type = root.lookupType(name);
    return { encode: (value) => Buffer.from(type.encode(value).finish()),
      decode: (bytes) => type.decode(bytes) };
  };
  const response = await call(address, credentials, {
    request: encode('cpts.v1.ListRegionsRequest'), response: encode('cpts.v1.ListRegionsResponse'),
  }, { page_size: 3 });
  if (response.regions.length !== 3) throw new Error(`${response.regions.length} regions`);
  console.log(`ListRegions by reflection: ${response.regions.map((one) => one.name).join(', ')}`);
  const missing = await reflection.fileContainingSymbol('cpts.v1.Nothing').then(() => null, (e) => e);
  if (missing === null) throw new Error('a symbol that does not exist was found');
}

main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
