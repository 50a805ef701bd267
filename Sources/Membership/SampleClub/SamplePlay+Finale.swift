import JSON

/// What happens at the end, when everybody is there.
extension SamplePlay {
    /// Tags, segments, a campaign, and what the night does.
    mutating func finish() throws(SampleClubError) {
        let readers = people.indices.filter { $0 % 7 == 0 }.map { JSONValue.string(people[$0].id) }
        try stage.run(
            "assignTags",
            ["memberIds": .array(readers), "tagKeys": ["reader"], "create": true], "")
        try stage.run(
            "saveSegment",
            [
                "name": "Silver and above", "kind": "DYNAMIC",
                "rule": ["tier": ["rank": ["gte": 1]]],
            ], "")
        try stage.run(
            "createPointsHold",
            [
                "memberId": .string(people[1].id), "programId": .string(made.program),
                "points": 10, "ttlSeconds": 86_400, "reason": "a basket",
            ], "")
        try stage.run(
            "excludeDuplicate",
            [
                "firstId": .string(people[0].id), "secondId": .string(people[1].id),
                "reason": "brothers",
            ], "")
        let campaign = try stage.run(
            "saveCampaign",
            [
                "name": "Your year is almost over", "kind": "RENEWAL_REMINDER",
                "triggers": [["offsetDays": -30], ["offsetDays": -7]],
                "variants": [
                    [
                        "key": "A", "weight": 100, "channel": "EMAIL",
                        "subject": "Your membership ends on {endDate}",
                        "body": "Dear {name}, stay with us.",
                    ]
                ],
            ], "campaign{id}")
        if let id = campaign?["campaign"]?["id"] {
            try stage.run("startCampaign", ["campaignId": id], "")
        }
        try invite()
        try stage.run("runJob", ["asOf": sampleTime(SampleClub.now)], "processed", by: "schedule")
    }
    /// The summer party: an invitation, and more members who want to come than there are seats.
    private mutating func invite() throws(SampleClubError) {
        let start = SampleClub.now + 21 * dayMilliseconds
        let event = try stage.id(
            "createEvent",
            [
                "title": "Summer party", "theme": "club",
                "chapterId": .string(made.chapters[0]), "startsAt": sampleTime(start),
                "endsAt": sampleTime(start + 4 * 3_600_000), "venue": "Roof terrace",
                "capacity": 4, "waitlistEnabled": true,
            ], of: "event")
        try stage.run("publishEvent", ["id": .string(event)], "")
        let campaign = try stage.id(
            "saveCampaign",
            [
                "name": "Come and see", "kind": "EVENT_INVITE", "eventId": .string(event),
                "goal": "EVENT_REGISTERED", "weeklyMax": 3,
                "variants": [
                    [
                        "key": "A", "weight": 100, "channel": "EMAIL", "subject": "Summer party",
                        "body": "Dear {name}, we look forward to seeing you.",
                    ]
                ],
            ], of: "campaign")
        try stage.run("startCampaign", ["campaignId": .string(campaign)], "")
        for place in people.indices.prefix(14).filter({ $0.isMultiple(of: 2) }) {
            try stage.run(
                "registerForEvent",
                [
                    "eventId": .string(event), "memberId": .string(people[place].id),
                    "sourceCampaignId": .string(campaign),
                    "ticketCode": .string("PARTY-\(place)"),
                ], "")
        }
    }
}
