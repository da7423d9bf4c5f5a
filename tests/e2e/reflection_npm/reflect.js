// SPDX-License-Identifier: Apache-2.0
// What a client from npm sees of a server by reflection alone: its services,
// and one call made with nothing but the descriptors that it was sent.
// reflect.js PORT CA CERTIFICATE KEY WANTED, the last one {"service": ["method", …], …} as JSON
'use strict';
const assert = require('assert');
const fs = require('fs');
const grpc = require('@grpc/grpc-js');
const { Client } = require('grpc-reflection-js');

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

async function main([port, ca, certificate, key, json]) {
  const wanted = JSON.parse(json);
  const address = `127.0.0.1:${port}`;
  const credentials = grpc.credentials.createSsl(
    fs.readFileSync(ca), fs.readFileSync(key), fs.readFileSync(certificate));
  const reflection = new Client(address, credentials);
  const services = await reflection.listServices();
  assert.deepStrictEqual([...services].sort(), Object.keys(wanted).sort());
  for (const service of Object.keys(wanted)) {
    const root = await reflection.fileContainingSymbol(service);
    const methods = Object.keys(root.lookupService(service).methods);
    assert.deepStrictEqual(methods, wanted[service], service);
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
  assert.strictEqual(response.regions.length, 3);
  console.log(`ListRegions by reflection: ${response.regions.map((one) => one.name).join(', ')}`);
  const missing = await reflection.fileContainingSymbol('cpts.v1.Nothing').then(() => null, (e) => e);
  assert.notStrictEqual(missing, null, 'a symbol that does not exist was found');
}

main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
