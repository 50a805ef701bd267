import Testing

@testable import Engine

/// What a role may see of a row, but not know.
@Suite struct MaskTests {
    private let club: AccessFixture

    init() throws {
        club = try AccessFixture()
    }

    /// The fields of members that an analyst never learns.
    private static let masked = ["email", "phone", "birthday", "note"]

    @Test func `masked fields are null, or asterisks where there is always a text`() throws {
        try club.check(
            "{ members(first: 1) { nodes { id name mail: email phone birthday note points } } }",
            as: .analyst,
            gives: """
                {"data":{"members":{"nodes":[{"id":"mem_1","name":"Member 1","mail":"***","phone":null,"birthday":null,"note":null,"points":10}]}}}
                """)
        try club.check(
            "{ member(id: \"mem_4\") { email phone birthday note } }", as: .northManager,
            gives: """
                {"data":{"member":{"email":"m4@example.org","phone":"+47 90000004","birthday":"1990-01-04","note":"note 4"}}}
                """)
        try club.check(
            "{ member(id: \"mem_4\") { email note } }", as: .northStaff,
            gives: #"{"data":{"member":{"email":"m4@example.org","note":null}}}"#)
    }

    /// Every operator of every masked field, also behind relations.
    @Test func `nobody filters by a masked field`() throws {
        let schema = club.model.schema
        let filter = try #require(schema.type(named: "MemberFilter"))
        var count = 0
        for name in Self.masked {
            let field = try #require(schema[filter].inputField(name))
            for operation in schema[field.type].inputFields {
                guard let value = sample(operation.name, birthday: name == "birthday") else {
                    continue
                }
                let inner = "{ \(name): { \(operation.name): \(value) } }"
                for document in [
                    "{ members(filter: \(inner)) { totalCount } }",
                    "{ members(filter: { or: [{ not: \(inner) }] }) { totalCount } }",
                    "{ tiers(filter: { members: { some: \(inner) } }) { totalCount } }",
                    "{ entries(filter: { member: \(inner) }) { totalCount } }",
                    "{ tiers { nodes { members(filter: \(inner)) { totalCount } } } }",
                    "{ tiers(filter: { members: { count: { gt: 0 }, where: \(inner) } }) { totalCount } }",
                ] {
                    try club.checkRefused(document, as: .analyst)
                    count += 1
                }
            }
        }
        #expect(count > 150)
    }

    private func sample(_ operation: String, birthday: Bool) -> String? {
        switch operation {
        case "isNull": "true"
        case "ignoreCase": nil
        case "in", "notIn": birthday ? "[\"1990-01-01\"]" : "[\"m\"]"
        case "monthDay": "{ eq: \"01-01\" }"
        default: birthday ? "\"1990-01-01\"" : "\"m\""
        }
    }

    @Test func `nobody orders by a masked field`() throws {
        for name in Self.masked {
            for direction in ["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_FIRST"] {
                let order = "{ \(name): \(direction) }"
                for document in [
                    "{ members(orderBy: [\(order)]) { nodes { id } } }",
                    "{ members(orderBy: [{ points: ASC }, \(order)], first: 1) { pageInfo { endCursor } } }",
                    "{ entries(orderBy: [{ member: \(order) }]) { nodes { id } } }",
                ] {
                    try club.checkRefused(document, as: .analyst)
                }
            }
        }
    }

    @Test func `nobody aggregates a masked field`() throws {
        for (part, fields) in [
            ("min", ["email", "phone", "birthday", "note"]),
            ("max", ["email", "phone", "birthday", "note"]),
            ("countDistinct", ["email", "phone", "birthday", "note"]),
        ] {
            for field in fields where club.model.schema.hasField("Member", part, field) {
                try club.checkRefused(
                    "{ members { aggregate { \(part) { \(field) } } } }", as: .analyst)
                try club.checkRefused(
                    "{ tiers { nodes { members { aggregate { \(part) { \(field) } } } } } }",
                    as: .analyst)
            }
        }
    }

    @Test func `nobody looks a row up by a masked key`() throws {
        try club.checkRefused("{ memberByEmail(email: \"m1@example.org\") { id } }", as: .analyst)
        try club.check(
            "{ memberByEmail(email: \"m1@example.org\") { id } }", as: .northStaff,
            gives: #"{"data":{"memberByEmail":{"id":"mem_1"}}}"#)
    }
}

import GraphQL

extension Schema {
    /// Whether a part of a table's aggregate has a field.
    fileprivate func hasField(_ table: String, _ part: String, _ field: String) -> Bool {
        guard let aggregate = type(named: table + "Aggregate"),
            let inner = self[aggregate].field(part)?.type.named
        else { return false }
        return self[inner].field(field) != nil
    }
}
