import JSON
import Testing

@testable import Engine

/// Cursors come back from clients, who may send anything.
@Suite struct CursorTests {
    private static let orders = [
        "", "orderBy: [{ pointsBalance: DESC }]", "orderBy: [{ name: ASC }]",
        "orderBy: [{ phone: ASC_NULLS_FIRST }]",
        "orderBy: [{ tier: { level: DESC } }, { city: ASC }]",
        "orderBy: [{ pointsHistory: { sum: { delta: ASC } } }]",
        "filter: { city: { eq: \"Oslo\" } }, orderBy: [{ pointsBalance: ASC }]",
        "filter: { name: { ne: \"Bo\" } }, orderBy: [{ joinedAt: DESC }]",
    ]

    @Test(arguments: orders)
    func `damaged cursors are refused or stand for some place`(order: String) throws {
        let club = try EngineFixture.club()
        let chance = Chance(seed: 7)
        let comma = order.isEmpty ? "" : ", "
        let answer = try club.ask("{ members(\(order)\(comma)first: 4) { edges { cursor } } }")
        let cursors = answer.json?["data"]?["members"]?["edges"]?.elements ?? []
        #expect(cursors.count > 1)
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for round in 0..<400 {
            var bytes = Array((chance.pick(cursors)["cursor"]?.string ?? "").utf8)
            // The first six digits are the order's mark: damage behind it gets further.
            for _ in 0..<chance.between(1, 4) {
                let place = chance.below(bytes.count)
                if place > 5 || chance.percent(5) { bytes[place] = chance.pick(alphabet) }
            }
            if chance.percent(10) { bytes.removeLast(chance.below(min(8, bytes.count))) }
            if chance.percent(10) { bytes += [0x5F, 0x5F, 0x38, 0x41].prefix(chance.below(4) + 1) }
            let cursor = String(decoding: bytes, as: UTF8.self)
            let way = chance.pick(["first: 2, after", "last: 2, before", "first: 2, before"])
            let answer = try club.ask(
                "{ members(\(order)\(comma)\(way): \"\(cursor)\") { nodes { id } pageInfo { hasNextPage hasPreviousPage } } }"
            )
            let code = answer.json?["errors"]?[0]?["extensions"]?["code"]?.string
            let nodes = answer.json?["data"]?["members"]?["nodes"]?.elements
            #expect(
                code == "BAD_CURSOR" || (nodes?.count ?? 9) <= 2,
                "round \(round), \(cursor): \(answer.text)")
        }
    }
}
