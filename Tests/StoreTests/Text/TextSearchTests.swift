import Bytes
import Testing

@testable import Store

@Suite struct TextSearchTests {
    private func keys(_ text: String) -> [UInt64] {
        var keys: [UInt64] = []
        unsafe Array(text.utf8).withUnsafeBytes { unsafe TextKey.append(of: $0, to: &keys) }
        return keys
    }

    /// The keys of a text in words.
    private func words(_ text: String) -> [String] { keys(text).map(described) }

    private func described(_ key: UInt64) -> String {
        switch key >> 60 {
        case 1:
            return (0..<15).reduce(into: "#") { text, place in
                let digit = key >> UInt64(56 - 4 * place) & 15
                if digit > 0 { text += "\(digit - 1)" }
            }
        case 2:
            return (0..<12).reduce(into: "") { text, place in
                let code = key >> UInt64(55 - 5 * place) & 31
                if code == 27 { text += "*" }
                if (1...26).contains(code) {
                    text.unicodeScalars.append(Unicode.Scalar(UInt8(0x60 + code)))
                }
            }
        default:
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: key >> UInt64(56 - 8 * $0)) }
            return String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self)
        }
    }

    private func matches(_ search: String, _ text: String) throws -> Bool {
        let search = try TextSearch(Array(search.utf8))
        return unsafe Array(text.utf8).withUnsafeBytes { unsafe search.matches($0) }
    }

    @Test(arguments: [
        ("", []),
        ("  -- . !?", []),
        ("Ann Lin", ["ann", "lin"]),
        ("Anne-Marie, Anne", ["anne", "marie"]),
        ("José Ångström-Øst", ["angstrom", "jose", "ost"]),
        ("Jose\u{301} A\u{30A}s", ["as", "jose"]),
        ("Straße STRASSE", ["strasse"]),
        ("Ærø Þór Œuvre", ["aero", "oeuvre", "thor"]),
        ("İstanbul Isparta ısı", ["isi", "isparta", "istanbul"]),
        ("ΣΊΣΥΦΟΣ", ["σισυ"]),
        ("Ёлка Андрей", ["андр", "елка"]),
        ("Nguyễn Thị Ánh", ["anh", "nguyen", "thi"]),
        ("O'Brien D’Annunzio", ["annunzio", "brien", "dannunzio", "obrien"]),
        ("'tis rock 'n' roll James'", ["james", "n", "rock", "roll", "tis"]),
        ("a-very-long-christensensson", ["a", "christensens", "long", "very"]),
        ("ann2b 4th", ["#2", "#4", "ann*", "4th"]),
        ("ann@example.org", ["ann", "example", "org"]),
        ("first.last_1987@mail", ["#1987", "#987", "first", "last", "mail"]),
        ("12", ["#12"]),
        ("1 2", ["#12", "#2"]),
        ("1234", ["#1234", "#234"]),
        ("12/34, 56", ["#1234", "#234", "#34", "#56"]),
        ("12     34", ["#12", "#34"]),
        ("AB12345", ["#12345", "#2345", "#345", "ab*"]),
        ("王晓明", ["明", "晓明", "王晓"]),
        ("王", ["王"]),
        ("王 明", ["明", "王"]),
        ("李Anna", ["anna", "李"]),
        ("みどりカフェ", ["どり", "ェ", "カフ", "フェ", "みど", "りカ"]),
        ("김민준", ["김민", "민준", "준"]),
        ("ＡＮＮ１２３　ＢＯＢ", ["#123", "ann*", "bob"]),
        ("٠١٢٣", ["#0123", "#123"]),
        ("\u{20000}\u{20001}", ["\u{20000}\u{20001}", "\u{20001}"]),
    ])
    func `the words of a text`(test: (String, [String])) {
        let found = words(test.0)
        #expect(Set(found) == Set(test.1), "\(found)")
        #expect(found.count == test.1.count)
        #expect(keys(test.0) == keys(test.0).sorted())
    }

    @Test func `numbers are found from each digit with two behind it, and from where parts begin`()
    {
        #expect(
            words("+47 912 34 567 8") == [
                "#12345678", "#2345678", "#345678", "#45678", "#47912345678", "#5678", "#678",
                "#7912345678", "#8", "#912345678",
            ])
        #expect(
            words("12345678901234567")
                == [
                    "#12345678901234567".prefix(16), "#1234567", "#2345678901234567".prefix(16),
                    "#234567", "#345678901234567", "#34567", "#45678901234567", "#4567",
                    "#5678901234567", "#567", "#678901234567", "#78901234567", "#8901234567",
                    "#901234567", "#01234567",
                ].map { String($0) }.sorted())
    }

    @Test(arguments: [
        ("ann lin", "Ann Lindqvist", true),
        ("lin ann", "Ann Lindqvist", true),
        ("ann lin", "Joann Lindqvist", false),
        ("jose", "José", true),
        ("JOSÉ", "jose", true),
        ("strasse", "Straße", true),
        ("straße", "STRASSE", true),
        ("ost", "Øst", true),
        ("o'brien", "O'Brien", true),
        ("obrien", "O’Brien", true),
        ("brien", "O'Brien", true),
        ("o brien", "O'Brien", true),
        ("rien", "O'Brien", false),
        ("anne-marie", "Anne Marie", true),
        ("ann@example.org", "ann@example.org", true),
        ("example", "ann@example.org", true),
        ("ann", "bob@ann.org", true),
        ("91234567", "+47 912 34 567", true),
        ("912 34 567", "+4791234567", true),
        ("+47 912-34-567", "004791234567", true),
        ("2345", "+47 912 34 567", true),
        ("2346", "+47 912 34 567", false),
        ("912 34", "+47 912 34 567", true),
        ("912 34", "+4791234567", false),
        ("47", "+47 912 34 567", true),
        ("7", "+47 912 34 567", false),
        ("56", "+47 912 34 567", true),
        ("4711", "47, 11", false),
        ("2024 15", "15 forums of 2024", true),
        ("ab12", "AB12345", true),
        ("ab123456", "AB12345", false),
        ("345", "AB12345", true),
        ("b12345", "AB12345", false),
        ("晓明", "王晓明", true),
        ("王明", "王晓明", false),
        ("王晓明", "王晓明", true),
        ("王晓明", "王晓 晓明", false),
        ("明", "王晓明", true),
        ("王 明", "王晓明", true),
        ("カフェ", "みどりカフェ", true),
        ("민준", "김민준", true),
        ("ann", "", false),
        ("christensensson", "Christensensson", true),
        ("christensenssons", "Christensensson", false),
        ("123456789012345678", "9123456789012345678", true),
        ("123456789012345679", "9123456789012345678", false),
    ])
    func `a text matches when all words are in it`(test: (String, String, Bool)) throws {
        #expect(try matches(test.0, test.1) == test.2)
    }

    @Test(arguments: ["", " ", "-", "' ' '", "@!?", "\u{301}"])
    func `a search without a letter or digit is none`(text: String) {
        #expect(throws: TextSearch.Refusal.isEmpty) { try TextSearch(Array(text.utf8)) }
    }

    @Test func `a search has 32 words and 1024 bytes at the most`() throws {
        let words = (0..<33).map { String(UnicodeScalar(UInt8(97 + $0 % 26))) + "\($0)x" }
        _ = try TextSearch(Array(words.dropLast().joined(separator: " ").utf8))
        #expect(throws: TextSearch.Refusal.isTooLong) {
            try TextSearch(Array(words.joined(separator: " ").utf8))
        }
        _ = try TextSearch([UInt8](repeating: 0x61, count: 1024))
        #expect(throws: TextSearch.Refusal.isTooLong) {
            try TextSearch([UInt8](repeating: 0x61, count: 1025))
        }
    }

    @Test(arguments: [
        ("ann", [true]), ("ann lin", [true, true]), ("christensens", [true]),
        ("christensenss", [false]), ("ann2", [false, false]), ("12", [false]), ("123", [true]),
        ("123456789012345", [true]), ("1234567890123456", [false]), ("明", [true]),
        ("晓明", [true]), ("王晓明", [false, false]), ("ёлка", [true]), ("андреи", [false]),
    ])
    func `ranges say all of short words`(test: (String, [Bool])) throws {
        let search = try TextSearch(Array(test.0.utf8))
        #expect(search.ranges.map(\.isExact) == test.1)
        #expect(search.isExact == test.1.allSatisfy { $0 })
    }

    @Test func `bytes that are no text are stops`() {
        for bytes: [UInt8] in [
            [0xFF], [0x61, 0xC3], [0xE0, 0x80], [0x80, 0x61, 0xF4, 0x90, 0x80, 0x80],
        ] {
            var keys: [UInt64] = []
            unsafe bytes.withUnsafeBytes { unsafe TextKey.append(of: $0, to: &keys) }
            #expect(keys.map(described) == (bytes.contains(0x61) ? ["a"] : []), "\(bytes)")
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `ranges have an entry of each text that matches, and exact ones of no other`(
        seed: UInt64
    ) throws {
        var texts = RandomTexts(seed: seed)
        var found = 0
        for _ in 0..<4000 {
            let text = texts.text()
            guard let search = try? TextSearch(Array(texts.search().utf8)) else { continue }
            let isFound = unsafe Array(text.utf8).withUnsafeBytes { unsafe search.matches($0) }
            let keys = keys(text)
            let hasAll = search.ranges.allSatisfy { range in
                keys.contains { $0 >= range.low && $0 <= range.high }
            }
            if isFound { found += 1 }
            let isRight = search.isExact ? isFound == hasAll : hasAll || !isFound
            try #require(isRight, "\(text) searched by \(search), seed \(seed)")
        }
        #expect(found > 100, "seed \(seed)")
    }
}

/// Texts of few different parts, so that searches meet them.
struct RandomTexts {
    private var numbers: SeededRandom

    init(seed: UInt64) { numbers = SeededRandom(seed: seed) }

    private static let parts = [
        "Ann", "anna", "Lind", "José", "Jose\u{301}", "Øst", "ost", "Straße", "strass", "O'Brien",
        "brien", "D’Ann", "王", "晓", "明", "王晓", "カフ", "김민", "912", "34", "567", "9", "+47",
        "AB12", "12", "2b", "Ёлка", "елк", "christensens", "christensensson", "@example.org", "Σίσ",
        "123456789", "0123456", "é", "'", "ﬁ", "\u{1F600}",
    ]
    private static let gaps = [" ", "", "", "-", ", ", " (", ".", "'", "/", "    ", "　"]

    mutating func text() -> String {
        (0..<numbers.below(6)).reduce(into: "") { text, _ in
            text += numbers.pick(Self.parts) + numbers.pick(Self.gaps)
        }
    }

    mutating func search() -> String {
        (0...numbers.below(2)).reduce(into: "") { text, _ in
            let part = Array(numbers.pick(Self.parts).unicodeScalars)
            let start = numbers.chance(percent: 30) ? numbers.below(part.count) : 0
            let end =
                numbers.chance(percent: 50)
                ? part.count : start + numbers.below(part.count - start + 1)
            text.unicodeScalars.append(contentsOf: part[start..<max(start, end)])
            text += numbers.pick(Self.gaps)
        }
    }

    mutating func chance(_ percent: Int) -> Bool { numbers.chance(percent: percent) }
    mutating func below(_ bound: Int) -> Int { numbers.below(bound) }
}
