// SPDX-License-Identifier: Apache-2.0
// SubmitReferral and the ACCEPT of ActOnReferral, in steps: what they check, their transactions.
// To its advantage it verifies no signature and knows one step and one destination.
'use strict';
const crypto = require('crypto');
const { status } = require('@grpc/grpc-js');
const { NODE, UUID, bare, refusal } = require('./registry');

const SERVICE = 'cpts.v1.ReferralService';
const SIZES = { offer: 65536, content: 262144 };
const ACCEPTABLE = ['DELIVERED', 'INFO_REQUESTED'];

// Each is prepared once a connection, under its name.
const SQL = {
  origin_find: `SELECT c.owner_node, c.epoch, c.lead_region, c.synthetic, s.is_live,
      EXISTS (SELECT FROM cpts.referral r WHERE r.referral_id = $2) AS is_taken
    FROM cpts.cpts c JOIN cpts.stage s ON s.code = c.stage WHERE c.cpts_id = $1`,
  destination_find: `SELECT c.lead_region, c.owner_node, cpts.may_receive(c.cpts_id, $2) AS may
    FROM cpts.cpts c WHERE c.cpts_id = $1`,
  referral_insert: `INSERT INTO cpts.referral (referral_id, owner_node, epoch, version, status,
      use_case, urgency, profession, speciality, unit_code, origin_id, origin_region, custodian_id,
      parties, requester_finess, legal_basis, key_serial, signature, offer_hash, content_hash,
      synthetic, created_at, updated_at)
    VALUES ($1, $2, $3, 1, 'OPEN', $4, $5, $6, $7, $8, $9, $10, $9, ARRAY[$9, $11]::uuid[], $12,
      $13, $14, $15, $16, $17, $18, cpts.log_now(), cpts.log_now())`,
  content_insert: `INSERT INTO cpts.referral_content (referral_id, offer, content)
    VALUES ($1, $2, $3)`,
  assignment_insert: `INSERT INTO cpts.assignment (referral_id, assignment_id, destination_id,
      version, state, wrap, submitted_at, state_at)
    VALUES ($1, $2, $3, 1, 'DELIVERED', $4, cpts.log_now(), cpts.log_now())`,
  clock_insert: `INSERT INTO cpts.referral_clock (referral_id, assignment_id, kind, fire_at,
      armed_at)
    VALUES ($1, $2, $3::text, cpts.referral_fire_at($3::text, $4, 0, $5, cpts.log_now()),
      cpts.log_now())`,
  assignment_lock: `SELECT r.version, r.owner_node, r.epoch, r.origin_region, r.urgency, r.status,
      r.erased, r.consent_withdrawn, a.version AS seen, a.state, c.lead_region
    FROM cpts.referral r
    JOIN cpts.assignment a ON a.referral_id = r.referral_id AND a.assignment_id = $2
    JOIN cpts.cpts c ON c.cpts_id = a.destination_id
    WHERE r.referral_id = $1 AND a.destination_id = $3 FOR UPDATE OF r, a`,
  clocks_delete: 'DELETE FROM cpts.referral_clock WHERE referral_id = $1',
  assignment_accept: `UPDATE cpts.assignment SET version = $3, state = 'ACCEPTED', overdue = 0,
      state_at = cpts.log_now(), accepted_at = cpts.log_now()
    WHERE referral_id = $1 AND assignment_id = $2`,
  referral_accept: `UPDATE cpts.referral SET version = $2, updated_at = cpts.log_now(),
      custodian_id = $3, proposed_id = NULL WHERE referral_id = $1`,
  referral_append: `SELECT cpts.log_append('REFERRAL', $1, $2, $3, $4, $5, $6, $7, $8, $9)
      AS log_position`,
};

function sha256(...parts) {
  const hash = crypto.createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function word(value, prefix) {
  return value.slice(prefix.length);
}

class Referrals {
  // registry: whose connections and log are used; definition: of proto-loader.
  constructor(registry, definition) {
    this.registry = registry;
    this.service = definition[SERVICE];
    this.packWrap = definition['cpts.v1.KeyWrap'].serialize;
    Object.assign(registry.texts, SQL);
  }

  hashOf(method, request) {
    return sha256(`/${SERVICE}/${method}\0`, this.service[method].requestSerialize(bare(request)));
  }

  changeOf(caller, request, event) {
    return this.registry.packChange(bare({ schema_version: 1, aggregate_id: request.referral_id,
      actor: caller.principal, command_id: request.command_id, on_behalf: request.actor,
      ...event }));
  }

  // The first outcome of the same command, or nothing.
  static doneBefore(done, hash) {
    if (done && !hash.equals(done.content_hash)) {
      throw refusal(status.INVALID_ARGUMENT, 'COMMAND_ID_REUSED');
    }
    return done;
  }

  // The last statements of every command: the log entry, and COMMIT.
  async append(client, caller, request, entry, statements) {
    const answers = await this.registry.askAll(client, [
      ['log_lock'], ['log_begin', [NODE]], ...statements,
      ['referral_append', [request.referral_id, entry.version, entry.epoch, entry.kind,
        entry.region, entry.change, caller.principal, request.command_id, entry.hash]],
      ['log_notify'], ['COMMIT']]);
    return { id: request.referral_id, version: entry.version, replayed: false,
      log_position: answers[answers.length - 3].rows[0].log_position };
  }

  static checkSubmit(caller, request) {
    const { header, parts, destinations } = request;
    if (!UUID.test(request.command_id) || !UUID.test(request.referral_id) || !header || !parts ||
        destinations.length !== 1 || !destinations[0].wrap ||
        !UUID.test(destinations[0].assignment_id) || !UUID.test(destinations[0].cpts_id) ||
        parts.offer.length > SIZES.offer || parts.content.length > SIZES.content) {
      throw refusal(status.INVALID_ARGUMENT, 'FIELD_INVALID');
    }
    if (header.urgency === 'URGENCY_VITAL') {
      throw refusal(status.FAILED_PRECONDITION, 'VITAL_URGENCY');
    }
    if (caller.scope !== `cpts:${header.origin_id}`) {
      throw refusal(status.PERMISSION_DENIED, 'WRONG_PARTY');
    }
  }

  static checkPlaces(origin, destination, referralId) {
    if (!origin) throw refusal(status.NOT_FOUND, 'CPTS_NOT_FOUND');
    if (origin.owner_node !== NODE) throw refusal(status.FAILED_PRECONDITION, 'NOT_OWNER');
    if (!origin.is_live) throw refusal(status.FAILED_PRECONDITION, 'CPTS_ENDED');
    if (origin.is_taken) throw refusal(status.ALREADY_EXISTS, `ID_TAKEN ${referralId}`);
    if (!destination) throw refusal(status.NOT_FOUND, 'RECIPIENT_UNKNOWN');
    if (!destination.may) throw refusal(status.FAILED_PRECONDITION, 'RECIPIENT_NOT_ELIGIBLE');
  }

  async submit(caller, request) {
    Referrals.checkSubmit(caller, request);
    return this.registry.inTransaction((client) => this.submitWithin(client, caller, request));
  }

  async submitWithin(client, caller, request) {
    const { header, parts, referral_id: id, destinations: [asked] } = request;
    const hash = this.hashOf('SubmitReferral', request);
    const useCase = word(header.use_case, 'USE_CASE_');
    const [, , { rows: [first] }, { rows: [origin] }, { rows: [destination] }] =
      await this.registry.askAll(client, [
        ['BEGIN'], ['scope_set', [caller.scope, caller.principal]],
        ['command_find', [caller.principal, request.command_id]],
        ['origin_find', [header.origin_id, id]],
        ['destination_find', [asked.cpts_id, useCase]]]);
    const done = Referrals.doneBefore(first, hash);
    if (done) {
      await client.query('COMMIT');
      return { id, version: done.version, log_position: done.log_position, replayed: true };
    }
    Referrals.checkPlaces(origin, destination, id);
    const wrap = this.packWrap(bare(asked.wrap));
    const [offerHash, contentHash] = [sha256(parts.offer), sha256(parts.content)];
    const change = this.changeOf(caller, request, { referral_submitted: { header,
      key_serial: parts.key_serial, signature: parts.signature, offer_sha256: offerHash,
      content_sha256: contentHash, destinations: [{ assignment_id: asked.assignment_id,
        cpts_id: asked.cpts_id, wrap_sha256: sha256(wrap) }] } });
    const urgency = word(header.urgency, 'URGENCY_');
    return this.append(client, caller, request, { version: 1, epoch: origin.epoch, change, hash,
      kind: 'REFERRAL_SUBMITTED', region: origin.lead_region }, [
      ['referral_insert', [id, NODE, origin.epoch, useCase, urgency, header.profession,
        header.speciality, header.unit_code, header.origin_id, origin.lead_region, asked.cpts_id,
        header.requester_finess, word(header.legal_basis, 'LEGAL_BASIS_'), parts.key_serial,
        parts.signature, offerHash, contentHash, origin.synthetic]],
      ['content_insert', [id, parts.offer, parts.content]],
      ['assignment_insert', [id, asked.assignment_id, asked.cpts_id, wrap]],
      ['clock_insert', [id, asked.assignment_id, 'DECIDE', urgency, destination.lead_region]]]);
  }

  async act(caller, request) {
    if (request.event !== 'REFERRAL_EVENT_ACCEPT') {
      throw refusal(status.UNIMPLEMENTED, 'UNKNOWN_STEP');
    }
    if (!UUID.test(request.command_id) || !UUID.test(request.referral_id) ||
        !UUID.test(request.assignment_id) || request.expected_version < 1) {
      throw refusal(status.INVALID_ARGUMENT, 'FIELD_INVALID');
    }
    return this.registry.inTransaction((client) => this.acceptWithin(client, caller, request));
  }

  async acceptWithin(client, caller, request) {
    const { referral_id: id, assignment_id: assignment } = request;
    const hash = this.hashOf('ActOnReferral', request);
    const me = caller.scope.slice('cpts:'.length);
    const [, , { rows: [first] }, { rows: [found] }] = await this.registry.askAll(client, [
      ['BEGIN'], ['scope_set', [caller.scope, caller.principal]],
      ['command_find', [caller.principal, request.command_id]],
      ['assignment_lock', [id, assignment, me]]]);
    const done = Referrals.doneBefore(first, hash);
    if (done) {
      await client.query('COMMIT');
      return { id, version: done.version, log_position: done.log_position, replayed: true };
    }
    if (!found) throw refusal(status.NOT_FOUND, 'REFERRAL_NOT_FOUND');
    if (found.owner_node !== NODE) throw refusal(status.FAILED_PRECONDITION, 'NOT_OWNER');
    if (found.seen !== request.expected_version) throw refusal(status.ABORTED, 'STALE_VERSION');
    if (!ACCEPTABLE.includes(found.state) || found.erased || found.consent_withdrawn) {
      throw refusal(status.FAILED_PRECONDITION, 'ILLEGAL_REFERRAL_ACT');
    }
    const version = found.version + 1;
    const change = this.changeOf(caller, request,
      { referral_acted: { event: request.event, assignment_id: assignment } });
    return this.append(client, caller, request, { version, epoch: found.epoch, change, hash,
      kind: 'REFERRAL_ACTED', region: found.origin_region }, [
      ['clocks_delete', [id]],
      ['assignment_accept', [id, assignment, version]],
      ['clock_insert', [id, assignment, 'SCHEDULE', found.urgency, found.lead_region]],
      ['referral_accept', [id, version, me]]]);
  }
}

module.exports = { Referrals };
