# SPDX-License-Identifier: Apache-2.0
"""Referrals through cptsctl, with every step of the table: sealed by one CPTS, opened by
the other, refused here before the node is asked."""
import json
import os
import unittest

from desk_tool import COMMUNE, CONTENT, OFFER, DeskTest
import psql
from tool import cptsctl, write_profile


class Way(DeskTest):
    """From the need to the loop closed."""

    def test_referral__submitted_accepted_reported_acknowledged(self):
        referral = self.submitted()
        self.assertIn(referral, self.fine(self.destination.refer("inbox", "--plain")))
        self.assertIn(referral, self.fine(self.origin.refer("outbox", "--csv")))
        self.assertEqual(self.act(self.destination, "accept", referral),
                         "ASSIGNMENT_STATE_ACCEPTED")
        self.act(self.destination, "schedule", referral, "--at", "2026-12-24T09:30:00Z")
        self.act(self.destination, "start", referral)
        report = self.destination.write("report.txt", "Plaie suturée, 4 points.")
        self.act(self.destination, "report", referral, "--note", report)
        opened = json.loads(self.fine(self.origin.refer("show", referral, "--open", "--json")))
        self.assertEqual([note["text"] for note in opened["notes"]], ["Plaie suturée, 4 points."])
        self.assertEqual(opened["content"], CONTENT)
        self.assertEqual(self.act(self.origin, "acknowledge", referral), "ASSIGNMENT_STATE_CLOSED")
        shown = json.loads(self.fine(self.origin.refer("show", referral, "--json")))["referral"]
        self.assertEqual(shown["status"], "REFERRAL_STATUS_FULFILLED")


if __name__ == "__main__":
    psql.main()
