import JSON
import Testing

@testable import Engine

/// One session that many viewers use, while rows change between their requests.
@Suite struct GuardCacheTests {
    private let fixture: EngineFixture

    init() throws {
        fixture = try EngineFixture(guardedClub, rows: guardedClubRows())
    }

    private func ids(_ table: String, as viewer: Viewer) throws -> [String] {
        let answer = try fixture.ask("{ \(table)(first: 1000) { nodes { id } } }", viewer: viewer)
        let nodes = try #require(answer.json?["data"]?[table]?["nodes"]?.elements, "\(answer.text)")
        return nodes.compactMap { $0["id"]?.string }
    }

    @Test func `a list shows the rows that can be looked up, and no others`() throws {
        let all = try ["members", "entries", "chapters"].flatMap {
            try ids($0, as: .unrestricted)
        }
        for viewer in [
            Viewer.someMember, .northStaff, .northManager, .rootManager, .analyst,
            Viewer(role: "staff", name: "k8", chapterID: "chp_none"),
            Viewer(role: "manager", name: "k9", memberID: "mem_1"),
        ] {
            let listed = try ["members", "entries", "chapters"].flatMap { try ids($0, as: viewer) }
            let found = try all.filter { id in
                let answer = try fixture.ask("{ node(id: \"\(id)\") { id } }", viewer: viewer)
                return answer.json?["data"]?["node"]?["id"]?.string == id
            }
            #expect(listed == found, "\(viewer.role) \(viewer.name)")
        }
    }

    @Test func `two credentials of one name are two viewers`() throws {
        for number in [1, 2, 1, 3] {
            let viewer = Viewer(role: "member", name: "same", memberID: "mem_\(number)")
            #expect(try ids("members", as: viewer) == ["mem_\(number)"])
        }
        #expect(try ids("members", as: Viewer(role: "analyst", name: "same")).count == 12)
        #expect(try ids("members", as: Viewer(role: "member", name: "same")) == [])
    }

    @Test func `what is open follows the rows as they change`() throws {
        #expect(try ids("members", as: .northManager).count == 4)
        try fixture.update("Member", "mem_2", ["chapter": "chp_north"])
        #expect(try ids("members", as: .northManager).count == 5)
        try fixture.update("Chapter", "chp_south", ["parent": "chp_north"])
        #expect(try ids("members", as: .northManager).count == 8)
        #expect(try ids("entries", as: .northManager).count == 24)
        try fixture.update("Chapter", "chp_south", ["parent": .null])
        #expect(try ids("members", as: .northManager).count == 5)

        let gone = Viewer(role: "member", name: "k", memberID: "mem_new")
        #expect(try ids("members", as: gone) == [])
        try fixture.insert(
            "Member",
            [
                "id": "mem_new", "name": "New", "email": "new@example.org", "points": 0,
                "chapter": "chp_root", "tier": "tier_1",
            ])
        #expect(try ids("members", as: gone) == ["mem_new"])
        try fixture.delete("Member", "mem_new")
        #expect(try ids("members", as: gone) == [])
    }

    @Test func `chapters that stand below each other in a circle are below nobody else`() throws {
        try fixture.update("Chapter", "chp_north", ["parent": "chp_south"])
        try fixture.update("Chapter", "chp_south", ["parent": "chp_north"])
        #expect(try ids("members", as: .rootManager).count == 4)
        #expect(try ids("members", as: .northManager).count == 8)
        let answer = try fixture.ask("{ node(id: \"mem_1\") { id } }", viewer: .rootManager)
        #expect(answer.text == #"{"data":{"node":null}}"#)
    }
}
