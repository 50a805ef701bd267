import Bytes
import Engine
import Foundation
import Store
import Testing

@testable import Membership

/// What the roles of `schema/` may see of the tiny club.
@Suite struct ClubAccessTests {
    private let club: LoadedClub
    private let session: Session

    init() throws {
        club = try LoadedClub.small.get()
        var limits = EngineLimits()
        limits.costMax = .max
        session = try #require(
            Session(
                context: EngineContext(model: club.model, store: club.store, limits: limits) {
                    SampleClub.now
                }))
    }

    /// The answer, and the codes of its errors.
    private func ask(_ document: String, as viewer: Viewer) throws -> (Any?, [String]) {
        let output = ByteBuffer()
        var document = document
        try document.withUTF8 { text in
            let request = try unsafe GraphQLRequest(
                document: UnsafeRawBufferPointer(text), operationName: nil, variables: nil)
            _ = session.execute(request, viewer: viewer, into: output)
        }
        let json =
            try JSONSerialization.jsonObject(with: Data(output.makeString().utf8))
            as? [String: Any]
        let errors = json?["errors"] as? [[String: Any]] ?? []
        let codes = errors.compactMap { ($0["extensions"] as? [String: Any])?["code"] as? String }
        return (json?["data"], codes)
    }

    private func count(_ table: TableModel, as viewer: Viewer) throws -> Int? {
        let (data, codes) = try ask("{ \(table.plural) { totalCount } }", as: viewer)
        if codes == ["FORBIDDEN"] { return nil }
        #expect(codes.isEmpty)
        let list = (data as? [String: Any])?[table.plural] as? [String: Any]
        return try #require(list?["totalCount"] as? Int)
    }

    private static let member = Viewer(role: "member", name: "m", memberID: "mem_1")

    /// Tables that each role may not ask for at all.
    @Test func `each role is kept out of what it has no business with`() throws {
        let administrative: Set = [
            "AuditEntry", "JobRun", "Staff", "MemberMerge", "DuplicateExclusion",
        ]
        let ofStaff: Set = [
            "Tag", "MemberTag", "Segment", "SegmentMember", "Campaign", "HoldPin",
        ]
        let closed: [(Viewer, Set<String>)] = [
            (Viewer(role: "manager", name: "k", chapterID: "chp_1"), ["AuditEntry", "JobRun"]),
            (
                Viewer(role: "staff", name: "k", chapterID: "chp_1"),
                administrative.subtracting(["Staff"])
            ),
            (Viewer(role: "analyst", name: "k"), administrative),
            (Self.member, administrative.union(ofStaff).subtracting(["HoldPin"])),
            (
                Viewer(role: "developer", name: "k"),
                Set(club.model.tables.map(\.name))
            ),
        ]
        for (viewer, expected) in closed {
            var found: Set<String> = []
            for table in club.model.tables where try count(table, as: viewer) == nil {
                found.insert(table.name)
            }
            #expect(found == expected, "\(viewer.role)")
        }
    }

    @Test func `a manager of the umbrella sees all members, an analyst too, a member one`() throws {
        let members = try #require(club.model.table(named: "Member"))
        let all = try #require(try count(members, as: .unrestricted))
        #expect(all > 20)
        #expect(try count(members, as: Viewer(role: "analyst", name: "k")) == all)
        #expect(try count(members, as: Self.member) == 1)
        let chapters = try #require(club.model.table(named: "Chapter"))
        let chapterCount = try #require(try count(chapters, as: .unrestricted))
        var sum = 0
        var greatest = 0
        for number in 1...chapterCount {
            let chapter = "\(chapters.idPrefix)\(number)"
            sum += try #require(
                try count(members, as: Viewer(role: "staff", name: "k", chapterID: chapter)))
            greatest = max(
                greatest,
                try #require(
                    try count(members, as: Viewer(role: "manager", name: "k", chapterID: chapter))))
        }
        #expect(sum == all)
        #expect(greatest == all)
    }

    /// Every way from Query over at most three relations to a member.
    @Test func `no path leads a member to another's row`() throws {
        var paths: [String] = []
        func walk(_ table: TableModel, _ prefix: String, _ closing: String, _ depth: Int) {
            if table.name == "Member" { paths.append(prefix + " memberId: id" + closing) }
            if depth == 3 { return }
            for field in table.fields {
                switch field.kind {
                case .toOne(_, let target):
                    let next = prefix + " \(field.name) {"
                    walk(club.model[target], next, " }" + closing, depth + 1)
                case .toMany(let list):
                    let next = prefix + " \(field.name)(first: 4) { nodes {"
                    walk(club.model[list.target], next, " } }" + closing, depth + 1)
                default: continue
                }
            }
        }
        for table in club.model.tables {
            walk(table, "{ \(table.plural)(first: 4) { nodes {", " } } }", 0)
        }
        #expect(paths.count > 1_000)
        var own = 0
        for path in paths {
            let (data, codes) = try ask(path, as: Self.member)
            let ids = memberIDs(data)
            #expect(ids.isSubset(of: ["mem_1"]), "\(path)")
            #expect(Set(codes).isSubset(of: ["FORBIDDEN"]), "\(path)")
            if !ids.isEmpty { own += 1 }
        }
        #expect(own > 20)
    }

    private func memberIDs(_ value: Any?) -> Set<String> {
        switch value {
        case let object as [String: Any]:
            var ids: Set<String> = []
            for (key, inner) in object {
                if key == "memberId", let id = inner as? String { ids.insert(id) }
                ids.formUnion(memberIDs(inner))
            }
            return ids
        case let list as [Any]:
            return list.reduce(into: []) { $0.formUnion(memberIDs($1)) }
        default: return []
        }
    }

    /// Filters, orders, groups and aggregates over whatever an analyst does not see.
    @Test func `an analyst infers nothing from masked fields`() throws {
        let analyst = Viewer(role: "analyst", name: "k")
        let masked = [
            ("members", "name", "{ startsWith: \"A\" }"),
            ("members", "birthday", "{ isNull: false }"),
            ("members", "statusReason", "{ isNull: true }"),
            ("memberIdentities", "value", "{ contains: \"9\" }"),
            ("memberIdentities", "normalized", "{ search: \"91234\" }"),
            ("feedbacks", "comment", "{ contains: \"a\" }"),
            ("consents", "evidence", "{ isNull: false }"),
        ]
        for (list, field, filter) in masked {
            var documents = [
                "{ \(list)(filter: { \(field): \(filter) }) { totalCount } }",
                "{ \(list)(orderBy: [{ \(field): ASC }], first: 1) { nodes { id } } }",
                "{ \(list) { aggregate { countDistinct { \(field) } } } }",
                "{ \(list) { groupBy(by: [{ field: \(constant(field)) }]) { aggregate { count } } } }",
            ]
            if list == "members" {
                documents += [
                    "{ pointsEntries(filter: { member: { \(field): \(filter) } }) { totalCount } }",
                    "{ tiers(filter: { members: { some: { \(field): \(filter) } } }) { totalCount } }",
                    "{ pointsEntries(orderBy: [{ member: { \(field): ASC } }]) { nodes { id } } }",
                ]
            }
            for document in documents {
                let (data, codes) = try ask(document, as: analyst)
                #expect(codes == ["FORBIDDEN"], "\(document)")
                #expect(data is NSNull || data == nil, "\(document)")
            }
        }
        let (data, codes) = try ask(
            "{ member(id: \"mem_1\") { name birthday identities { nodes { value normalized } } } }",
            as: analyst)
        #expect(codes.isEmpty)
        let member = (data as? [String: Any])?["member"] as? [String: Any]
        #expect(member?["name"] as? String == "***")
        #expect(member?["birthday"] is NSNull)
        let identities = (member?["identities"] as? [String: Any])?["nodes"] as? [[String: Any]]
        for identity in identities ?? [] {
            #expect(identity["value"] as? String == "***")
            #expect(identity["normalized"] is NSNull)
        }
        #expect(identities?.isEmpty == false)
    }

    /// Texts that name people, and codes that are worth something to whoever knows them.
    @Test func `an analyst reads no messages, and no codes of coupons and tickets`() throws {
        let (data, codes) = try ask(
            """
            { messages(first: 50) { nodes { subject body } }
              coupons(first: 50) { nodes { code reservationKey } }
              eventRegistrations(first: 50) { nodes { ticketCode } }
              activities(first: 50) { nodes { payload } } }
            """, as: Viewer(role: "analyst", name: "k"))
        #expect(codes.isEmpty)
        var texts: Set<String> = []
        var count = 0
        for list in (data as? [String: Any] ?? [:]).values {
            for node in (list as? [String: Any])?["nodes"] as? [[String: Any]] ?? [] {
                count += 1
                for value in node.values where !(value is NSNull) {
                    texts.insert(value as? String ?? "?")
                }
            }
        }
        #expect(count > 100)
        #expect(texts == ["***"])
        for document in [
            "{ couponByCode(code: \"X\") { id } }",
            "{ eventRegistrations(filter: { ticketCode: { startsWith: \"A\" } }) { totalCount } }",
        ] {
            let (_, codes) = try ask(document, as: Viewer(role: "analyst", name: "k"))
            #expect(codes == ["FORBIDDEN"], "\(document)")
        }
    }

    private func constant(_ name: String) -> String {
        var text = ""
        for letter in name {
            if letter.isUppercase { text += "_" }
            text += letter.uppercased()
        }
        return text
    }

    @Test func `somebody who works here may do what the row of Staff says`() throws {
        let staff = Viewer(role: "", name: "k", staffID: "stf_1")
        let gone = Viewer(role: "", name: "k", staffID: "stf_999")
        let members = try #require(club.model.table(named: "Member"))
        let found = try #require(try count(members, as: staff))
        #expect(found > 0)
        #expect(try count(members, as: gone) == nil)
        let analyst = Viewer(role: "analyst", name: "k", staffID: "stf_1")
        #expect(
            try count(members, as: analyst) == (try count(members, as: .unrestricted)))
    }
}
