// SPDX-License-Identifier: Apache-2.0
// The two calls: what they check, their transactions, their messages.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');
const { status } = require('@grpc/grpc-js');

const NODE = 'national';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const RECORD_STAGE = '/cpts.v1.RegistryService/RecordStage';
const SOURCES = { STAGE_LETTRE_INTENTION: 'EMERGENCE', STAGE_PROJET_VALIDE: 'LETTRE_INTENTION',
  STAGE_ACI_SIGNE: 'PROJET_VALIDE' };
const UNIQUE_VIOLATION = '23505';

// Each is prepared once a connection, under its name.
const SQL = {
  command_find: `SELECT content_hash, version, log_position FROM cpts.command
    WHERE principal = $1 AND command_id = $2`,
  cpts_lock: `SELECT version, epoch, owner_node, stage, stage_on, lead_region,
      cpts.may_write(lead_region, cpts_id) AS writable
    FROM cpts.cpts WHERE cpts_id = $1 FOR UPDATE`,
  cpts_stage_set: `UPDATE cpts.cpts SET version = version + 1, updated_at = cpts.log_now(),
      stage = $2, stage_on = $3 WHERE cpts_id = $1`,
  stage_insert: `INSERT INTO cpts.cpts_stage (cpts_id, version, stage, lead_region, valid_from,
      recorded_from) VALUES ($1, $2, $3, $4, $5, cpts.log_now())`,
  // Three rows in three plain tables: sql/schema.sql.
  plain_stage: `INSERT INTO bench.stage (cpts_id, version, stage, lead_region, valid_from,
      recorded_from) VALUES ($1, $2, $3, '11', $4, now())`,
  plain_log: `INSERT INTO bench.log (position, origin, aggregate_id, version, kind, recorded_at,
      actor, bytes, prev_hash, hash) VALUES (nextval('bench.log_position'), $1, $2, $3,
      'CPTS_STAGE_RECORDED', now(), $4, $5, $6, $6) RETURNING position`,
  plain_command: `INSERT INTO bench.command (principal, command_id, content_hash, aggregate_id,
      version, position) VALUES ($1, $2, $3, $4, $5, $6)`,
  log_append: `SELECT cpts.log_append('CPTS', $1, $2, $3, 'CPTS_STAGE_RECORDED', $4, $5, $6, $7,
      $8) AS log_position`,
};
// Columns of cpts_get are read by their place, as its comment numbers them.
const ROW_MODE = { cpts_get: 'array' };
const SHARED = ['cpts_get', 'scope_set', 'log_lock', 'log_begin', 'log_notify'];

function refusal(code, reason) {
  return Object.assign(new Error(reason), { code });
}

// Without what proto3 does not write: protobufjs writes what is there.
function bare(value) {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(bare);
  if (Buffer.isBuffer(value)) return value.length === 0 ? undefined : value;
  if (value === null || typeof value !== 'object') {
    return [null, '', 0, false].includes(value) || /_UNSPECIFIED$/.test(value) ? undefined : value;
  }
  const fields = Object.entries(value).map(([name, field]) => [name, bare(field)]);
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
}

function timestamp(us) {
  return { seconds: Math.floor(us / 1e6), nanos: (us % 1e6) * 1000 };
}

function today() {
  return new Date().toISOString().slice(0, 10);
}

class Registry {
  // pool: of pg; pipeline: whether its connections are in that mode; plain:
  // whether stages are recorded without checks and log, for comparison; source:
  // the repository; definition: of proto-loader.
  constructor({ pool, pipeline, plain, source, definition }) {
    this.pool = pool;
    this.plain = plain;
    this.pipeline = pipeline;
    this.texts = { ...SQL };
    for (const name of SHARED) {
      this.texts[name] = fs.readFileSync(path.join(source, 'sql/query', `${name}.sql`), 'utf8');
    }
    this.packChange = definition['cpts.v1.Change'].serialize;
    this.packRecordStage = definition['cpts.v1.RegistryService'].RecordStage.requestSerialize;
  }

  ask(client, name, values = []) {
    return client.query({ name, text: this.texts[name], values, rowMode: ROW_MODE[name] });
  }

  // The answers of several statements: one after the other, or, in pg's
  // pipeline mode, sent together.
  async askAll(client, statements) {
    const send = ([name, values]) => (
      name in this.texts ? this.ask(client, name, values) : client.query(name));
    if (this.pipeline) return Promise.all(statements.map(send));
    const answers = [];
    for (const statement of statements) answers.push(await send(statement));
    return answers;
  }

  // Runs work(client) in a transaction; it commits itself.
  async inTransaction(work) {
    const client = await this.pool.connect();
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      await client.query('ROLLBACK').then(() => client.release(), (lost) => client.release(lost));
      throw error;
    }
  }

  async getCpts(caller, request) {
    if (!UUID.test(request.id)) throw refusal(status.INVALID_ARGUMENT, 'FIELD_INVALID');
    const asOf = request.as_of || today();
    if (!DATE.test(asOf)) throw refusal(status.INVALID_ARGUMENT, 'FIELD_INVALID');
    const knownAt = request.known_at
      ? new Date(request.known_at.seconds * 1000 + request.known_at.nanos / 1e6) : null;
    const [, , { rows }] = await this.inTransaction((client) => this.askAll(client, [
      ['BEGIN READ ONLY'], ['scope_set', [caller.scope, caller.principal]],
      ['cpts_get', [request.id, asOf, knownAt]], ['COMMIT']]));
    if (rows.length === 0) throw refusal(status.NOT_FOUND, 'CPTS_NOT_FOUND');
    return { cpts: this.cptsOf(rows[0]) };
  }

  cptsOf([id, version, name, leadRegion, stage, stageOn, populationCount, synthetic, finess,
    website, ownerNode, epoch, createdUs, updatedUs, stages, dates, successors, recorded, codes,
    shares, names, populations]) {
    return { id, version, name, lead_region: leadRegion,
      stage: stage ? `STAGE_${stage}` : 'STAGE_UNSPECIFIED', stage_on: stageOn || '',
      stages: (stages || []).map((entered, i) => ({ stage: `STAGE_${entered}`,
        effective_on: dates[i], successor_id: successors[i],
        recorded_at: timestamp(Number(recorded[i])) })),
      territory: (codes || []).map((code, i) => ({ unit_code: code, share: shares[i],
        name: names[i], population_count: populations[i] })),
      population_count: populationCount, synthetic, finess, website, owner_node: ownerNode, epoch,
      created_at: timestamp(createdUs), updated_at: timestamp(updatedUs) };
  }

  checkRecordStage(request) {
    if (!UUID.test(request.id) || !UUID.test(request.command_id) ||
        request.expected_version < 1 || !(request.stage in SOURCES) ||
        !DATE.test(request.effective_on) || request.effective_on > today()) {
      throw refusal(status.INVALID_ARGUMENT, 'FIELD_INVALID');
    }
  }

  async recordStage(caller, request) {
    this.checkRecordStage(request);
    const packed = this.packRecordStage(bare(request));
    const hash = crypto.createHash('sha256').update(`${RECORD_STAGE}\0`).update(packed).digest();
    try {
      return await this.inTransaction((client) => (this.plain
        ? this.recordPlainly(client, caller, request, hash)
        : this.recordWithin(client, caller, request, hash)));
    } catch (error) {
      if (error.code === UNIQUE_VIOLATION) throw refusal(status.ABORTED, 'STALE_VERSION');
      throw error;
    }
  }

  // The same command again: its first outcome. Otherwise the row, locked.
  async findTarget(client, caller, request, hash) {
    const [, , { rows: [done] }, { rows: [cpts] }] = await this.askAll(client, [
      ['BEGIN'], ['scope_set', [caller.scope, caller.principal]],
      ['command_find', [caller.principal, request.command_id]], ['cpts_lock', [request.id]]]);
    if (done && !hash.equals(done.content_hash)) {
      throw refusal(status.INVALID_ARGUMENT, 'COMMAND_ID_REUSED');
    }
    if (done) return { done };
    if (!cpts) throw refusal(status.NOT_FOUND, 'CPTS_NOT_FOUND');
    if (!cpts.writable) throw refusal(status.PERMISSION_DENIED, 'OUT_OF_SCOPE');
    if (cpts.owner_node !== NODE) throw refusal(status.FAILED_PRECONDITION, 'NOT_OWNER');
    if (cpts.version !== request.expected_version) throw refusal(status.ABORTED, 'STALE_VERSION');
    if (cpts.stage !== SOURCES[request.stage] || cpts.stage_on > request.effective_on) {
      throw refusal(status.FAILED_PRECONDITION, 'ILLEGAL_STAGE_STEP');
    }
    return { cpts };
  }

  changeOf(caller, request) {
    return this.packChange({ schema_version: 1, aggregate_id: request.id,
      actor: caller.principal, command_id: request.command_id,
      cpts_stage_recorded: {
        stage: { stage: request.stage, effective_on: request.effective_on } } });
  }

  // Nothing is looked up, nothing is locked; positions have gaps and no order.
  async recordPlainly(client, caller, request, hash) {
    const version = request.expected_version + 1;
    const stage = request.stage.slice('STAGE_'.length);
    const [, , { rows: [{ position }] }] = await this.askAll(client, [
      ['BEGIN'],
      ['plain_stage', [request.id, version, stage, request.effective_on]],
      ['plain_log',
        [NODE, request.id, version, caller.principal, this.changeOf(caller, request), hash]]]);
    await this.askAll(client, [
      ['plain_command',
        [caller.principal, request.command_id, hash, request.id, version, position]],
      ['COMMIT']]);
    return { version, log_position: position, replayed: false };
  }

  // The log's lock is taken as late as can be, and held until the flush is over.
  async recordWithin(client, caller, request, hash) {
    const { done, cpts } = await this.findTarget(client, caller, request, hash);
    if (done) {
      await client.query('COMMIT');
      return { version: done.version, log_position: done.log_position, replayed: true };
    }
    const version = cpts.version + 1;
    const stage = request.stage.slice('STAGE_'.length);
    const change = this.changeOf(caller, request);
    const answers = await this.askAll(client, [
      ['log_lock'],
      ['log_begin', [NODE]],
      ['cpts_stage_set', [request.id, stage, request.effective_on]],
      ['stage_insert', [request.id, version, stage, cpts.lead_region, request.effective_on]],
      ['log_append', [request.id, version, cpts.epoch, cpts.lead_region, change,
        caller.principal, request.command_id, hash]],
      ['log_notify'],
      ['COMMIT'],
    ]);
    return { version, log_position: answers[4].rows[0].log_position, replayed: false };
  }
}

module.exports = { NODE, Registry, UUID, bare, refusal };
