import Store
import Testing

@testable import Engine

@Suite struct DistinctCountsTests {
    /// Words for rows of bits: none, so that all become pairs; few, so that the bits become pairs
    /// on the way; enough.
    @Test(arguments: [0, 3, 40, 400, 1 << 20], ["team", "points", "note", "won", "weight"])
    func `counts are those of sets`(wordCountMax: Int, field: String) throws {
        let chance = Chance(seed: 0xD157)
        let scores = try ScoreFixture(chance, scoreCount: 3_000)
        let column = try scores.column("Score", field)
        let table = try scores.table("Score")
        let groupCount = 20
        scores.reader.withVersion { version in
            var sets = [Set<UInt64>](repeating: [], count: groupCount)
            var texts = [Set<[UInt8]>](repeating: [], count: groupCount)
            // The groups of the second part have other numbers than those of the first.
            let order = Array((0..<UInt32(groupCount)).reversed())
            let parts = (0..<2).map { _ in
                DistinctCounts(ColumnCoder(column, .utc), wordCountMax: wordCountMax)
            }
            let rows = Cells<RowView>(count: 1)
            let groups = Cells<UInt32>(count: 1, filling: 0)
            defer {
                rows.free()
                groups.free()
            }
            version.table(table.id).forEachRow { row, _ in
                let part = chance.below(2)
                let group = chance.below(groupCount)
                rows[0] = row
                groups[0] = UInt32(group)
                parts[part].add(
                    LooseBatch(rows: rows, count: 1), groups, groupCount: groupCount)
                if row.isNull(column) { return }
                let target = part == 0 ? group : groupCount - 1 - group
                if column.code == .bytes {
                    texts[target].insert(unsafe [UInt8](row.bytes(column)))
                } else {
                    sets[target].insert(row.word(column))
                }
            }
            parts[0].merge(parts[1], order, groupCount: groupCount)
            #expect(
                (0..<groupCount).map { parts[0].count($0) }
                    == zip(sets, texts).map { $0.count + $1.count })
        }
    }
}
