import Testing

@testable import GraphQL

@Suite struct SuggestionsTests {
    @Test func `close names are suggested, the closest first`() {
        #expect(
            suggestions(for: "abc", among: ["a", "ab", "abc", "zzz", "abcdef"]) == [
                "abc", "ab", "a",
            ])
        #expect(suggestions(for: "greenish", among: ["green"]) == ["green"])
        #expect(suggestions(for: "green", among: ["greenish"]) == ["greenish"])
        #expect(suggestions(for: "green", among: ["verdigris"]) == [])
        #expect(suggestions(for: "", among: ["a", "ab"]) == ["a"])
        #expect(suggestions(for: "a", among: [String]()) == [])
    }

    @Test func `a change of case alone is one edit`() {
        #expect(
            suggestions(
                for: "verylongname", among: ["veryLongNames", "VeryLongName", "VERYLONGNAME"])
                == ["VERYLONGNAME", "VeryLongName", "veryLongNames"])
    }

    @Test func `a swap of neighbours is one edit`() {
        #expect(suggestions(for: "agr", among: ["arg"]) == ["arg"])
        #expect(suggestions(for: "214365879", among: ["123456789"]) == ["123456789"])
    }

    @Test func `names equally close stand in natural order, and once`() {
        #expect(
            suggestions(for: "item", among: ["itemB", "item10", "item2", "item2"])
                == ["item2", "itemB", "item10"])
        #expect(suggestions(for: "a", among: ["az", "ax", "ay"]) == ["ax", "ay", "az"])
    }

    @Test func `numbers in names are compared as numbers`() {
        let sorted = ["a1", "a2", "a02b", "a10", "a10b", "ab"]
        #expect(sorted.shuffled().sorted(by: naturallyPrecedes) == sorted)
        #expect(!naturallyPrecedes("a", "a"))
    }

    @Test func `at most five names are put into words`() {
        #expect(didYouMean([]) == "")
        #expect(didYouMean(["a"]) == " Did you mean \"a\"?")
        #expect(didYouMean(["a", "b"]) == " Did you mean \"a\" or \"b\"?")
        #expect(didYouMean(["a", "b", "c"]) == " Did you mean \"a\", \"b\", or \"c\"?")
        #expect(
            didYouMean(["a", "b", "c", "d", "e", "f"], subject: "the letter")
                == " Did you mean the letter \"a\", \"b\", \"c\", \"d\", or \"e\"?")
    }
}
