import Testing

@testable import Store

@Suite struct KeyEncodingTests {
    @Test func `words of integers are in the order of the integers`() {
        let values: [Int64] = [
            -9_007_199_254_740_991, -1_000_000, -256, -2, -1, 0, 1, 2, 255, 1_000_000,
            9_007_199_254_740_991,
        ]
        let words = values.map { KeyEncoding.ordered(int64: $0) }
        #expect(words == words.sorted() && Set(words).count == values.count)
        #expect(words.allSatisfy { $0 < KeyEncoding.null })
    }

    @Test func `words of numbers are in the order of the numbers and the zeros are one`() {
        let values: [Double] = [
            -.infinity, -.greatestFiniteMagnitude, -1.5, -1, -.leastNonzeroMagnitude, 0,
            .leastNonzeroMagnitude, .leastNormalMagnitude, 1, 1.5, .greatestFiniteMagnitude,
            .infinity,
        ]
        let words = values.map { KeyEncoding.ordered(double: $0) }
        #expect(words == words.sorted() && Set(words).count == values.count)
        #expect(words.allSatisfy { $0 < KeyEncoding.null })
        #expect(KeyEncoding.ordered(double: -0.0) == KeyEncoding.ordered(double: 0.0))
    }

    @Test func `words of texts never contradict the order of their bytes`() {
        let texts = [
            "", "\u{0}", "\u{0}a", "A", "a", "a\u{0}", "aa", "abcdefg", "abcdefgh", "abcdefghi",
            "abcdefgz", "ab\u{7F}", "ab\u{80}", "zebra", "\u{10FFFF}\u{10FFFF}",
        ].sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        let words = texts.map { text in
            unsafe Array(text.utf8).withUnsafeBytes { unsafe KeyEncoding.ordered(text: $0) }
        }
        #expect(words == words.sorted())
        #expect(words.allSatisfy { $0 < KeyEncoding.null })
        #expect(words[texts.firstIndex(of: "abcdefgh") ?? 0] == 0x6162_6364_6566_6768)
        #expect(words[texts.firstIndex(of: "aa") ?? 0] == 0x6161_0000_0000_0000)
    }

    @Test func `an equality word is never that of null and depends on the seed and the order`() {
        let one = unsafe Array("one".utf8).withUnsafeBytes {
            unsafe (
                KeyEncoding.equality(text: $0, seed: 1), KeyEncoding.equality(text: $0, seed: 2)
            )
        }
        #expect(one.0 != one.1 && one.0 != KeyEncoding.null && one.1 != KeyEncoding.null)
        #expect(KeyEncoding.combined(1, 2) != KeyEncoding.combined(2, 1))
        #expect(KeyEncoding.combined(1, KeyEncoding.null) != KeyEncoding.null)
    }

    @Test func `the shape of an index follows from its columns`() {
        let table = TableDefinition(
            name: "Row",
            columns: TableDefinition.systemColumns + [
                ColumnDefinition(name: "owner", kind: .reference(TableID(0))),
                ColumnDefinition(name: "points", kind: .int64),
            ])
        func shape(_ equality: [ColumnID], _ ordered: ColumnID?) -> [Bool] {
            let shape = IndexShape(
                IndexDefinition(
                    name: "index", table: TableID(0), equality: equality, ordered: ordered),
                of: table)
            let words = 1 + (shape.hasEquality ? 1 : 0) + (shape.hasOrder ? 1 : 0)
            #expect(shape.stride == words)
            return [shape.hasEquality, shape.hasOrder, shape.isExact, shape.hasTextTies]
        }
        #expect(shape([], nil) == [false, false, true, false])
        #expect(shape([], 5) == [false, true, true, false])
        #expect(shape([], 0) == [false, true, true, true])
        #expect(shape([4], nil) == [true, false, true, false])
        #expect(shape([0], nil) == [true, false, false, false])
        #expect(shape([4, 5], nil) == [true, false, false, false])
        #expect(shape([4], 5) == [true, true, true, false])
        #expect(shape([4], 0) == [true, true, true, true])
        #expect(shape([4, 5], 0) == [true, true, false, true])
    }

    @Test func `the order of references is that of places and null is after all`() {
        let places = [0, 1, 77, UInt32.max - 1].map { RowRef(rawValue: $0) }
        let words = places.map { KeyEncoding.ordered(reference: $0) }
        #expect(words == words.sorted() && Set(words).count == places.count)
        #expect(KeyEncoding.ordered(reference: .none) < KeyEncoding.null)
    }
}
