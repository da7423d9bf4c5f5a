// SPDX-License-Identifier: Apache-2.0
// GetCpts and RecordStage, SubmitReferral and ACCEPT on Node.js: @grpc/grpc-js,
// proto-loader, pg. One process, a pool of connections, one transaction a call.
// server.js '{"source": …, "socket": …, "port": …, "database": …, "ca": …,
//             "certificate": …, "key": …, "pool": 16, "pipeline": false,
//             "plain": false}'
// Prints its port, then serves until it is ended.
'use strict';
const fs = require('fs');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const { Pool, types } = require('pg');
const { Referrals } = require('./referral');
const { Registry } = require('./registry');

const settings = JSON.parse(process.argv[2]);
const PROTO = path.join(settings.source, 'proto');
const OPTIONS = { keepCase: true, longs: Number, enums: String, defaults: true,
  includeDirs: [PROTO, '/usr/include'] };

// Connections that nobody uses make room for the next measurement.
const IDLE_MS = 1000;

// Dates and instants as the server gives them: no Date objects between.
const INT8 = 20, TEXT_ARRAY = 1009, DATE = 1082, DATE_ARRAY = 1182;
types.setTypeParser(INT8, Number);
types.setTypeParser(DATE, (text) => text);
types.setTypeParser(DATE_ARRAY, types.getTypeParser(TEXT_ARRAY));

// Arrays of the schema's own domains are arrays of text.
async function learnTypes(pool) {
  const { rows } = await pool.query("SELECT 'cpts.stage_code[]'::regtype::oid AS oid");
  types.setTypeParser(rows[0].oid, types.getTypeParser(TEXT_ARRAY));
}

function openPool() {
  return new Pool({ host: settings.socket, port: settings.port, database: settings.database,
    user: 'cpts_app', max: settings.pool, pipeline: settings.pipeline,
    idleTimeoutMillis: IDLE_MS,
    options: '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off' });
}

// The one URI of the caller's certificate, and what it may do.
function callerOf(call, principals) {
  const certificate = call.getAuthContext().sslPeerCertificate;
  const names = (certificate && certificate.subjectaltname) || '';
  const uris = names.split(', ').filter((name) => name.startsWith('URI:'));
  const caller = uris.length === 1 ? principals.get(uris[0].slice(4)) : undefined;
  if (caller === undefined) {
    throw Object.assign(new Error('UNKNOWN_IDENTITY'), { code: grpc.status.UNAUTHENTICATED });
  }
  return caller;
}

// Promise in, callback out; what is not a refusal is INTERNAL.
function unary(principals, roles, handle) {
  return async (call, callback) => {
    try {
      const caller = callerOf(call, principals);
      if (!caller.roles.some((role) => roles.has(role))) {
        throw Object.assign(new Error('ROLE_MISSING'), { code: grpc.status.PERMISSION_DENIED });
      }
      callback(null, await handle(caller, call.request));
    } catch (error) {
      callback({ code: error.code in grpc.status ? error.code : grpc.status.INTERNAL,
        details: error.message });
    }
  };
}

// Who is known, read once.
async function readPrincipals(pool) {
  const { rows } = await pool.query(
    fs.readFileSync(path.join(settings.source, 'sql/query/principal_roles.sql'), 'utf8'));
  const principals = new Map();
  for (const { principal, role, scope } of rows) {
    const known = principals.get(principal) || { principal, scope, roles: [] };
    known.roles.push(role);
    principals.set(principal, known);
  }
  return principals;
}

async function main() {
  const definition = loader.loadSync(
    ['cpts/v1/registry.proto', 'cpts/v1/referral.proto', 'cpts/v1/change.proto'].map(
      (file) => path.join(PROTO, file)),
    OPTIONS);
  const contract = grpc.loadPackageDefinition(definition).cpts.v1;
  const pool = openPool();
  const registry = new Registry({ ...settings, pool, definition });
  const referrals = new Referrals(registry, definition);
  await learnTypes(pool);
  const principals = await readPrincipals(pool);
  const readers = new Set(['NATIONAL_NODE', 'REGION_NODE', 'DGOS_ANALYST', 'ARS_AGENT',
    'CPTS_COORDINATOR', 'OPERATOR', 'PUBLIC']);
  const writers = new Set(['NATIONAL_NODE', 'REGION_NODE', 'ARS_AGENT', 'OPERATOR']);
  const coordinators = new Set(['CPTS_COORDINATOR']);
  const server = new grpc.Server();
  server.addService(contract.RegistryService.service, {
    GetCpts: unary(principals, readers, (caller, request) => registry.getCpts(caller, request)),
    RecordStage: unary(principals, writers,
      (caller, request) => registry.recordStage(caller, request)),
  });
  server.addService(contract.ReferralService.service, {
    SubmitReferral: unary(principals, coordinators,
      (caller, request) => referrals.submit(caller, request)),
    ActOnReferral: unary(principals, coordinators,
      (caller, request) => referrals.act(caller, request)),
  });
  const credentials = grpc.ServerCredentials.createSsl(fs.readFileSync(settings.ca),
    [{ private_key: fs.readFileSync(settings.key),
      cert_chain: fs.readFileSync(settings.certificate) }], true);
  server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
    if (error) throw error;
    console.log(port);
  });
}

process.on('SIGTERM', () => process.exit(0));
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
