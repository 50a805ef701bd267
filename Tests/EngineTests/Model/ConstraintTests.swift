import Testing

@testable import Engine

@Suite struct ConstraintTests {
    @Test func `numbers stay between min and max`() {
        let constraint = ConstraintModel(
            min: 0, max: 1.5, minLength: nil, maxLength: nil, format: nil)
        #expect(constraint.fault(inNumber: 0) == nil)
        #expect(constraint.fault(inNumber: 1.5) == nil)
        #expect(constraint.fault(inNumber: -0.1) == "at least 0")
        #expect(constraint.fault(inNumber: 1.6) == "at most 1.5")
    }

    @Test func `lengths are counted in Unicode scalars`() {
        func fault(_ min: Int?, _ max: Int?, _ text: String) -> String? {
            ConstraintModel(min: nil, max: nil, minLength: min, maxLength: max, format: nil)
                .fault(inText: text)
        }
        #expect(fault(2, 2, "会员") == nil)
        #expect(fault(2, 2, "e\u{301}") == nil)
        #expect(fault(3, 3, "会员") == "exactly 3 characters")
        #expect(fault(3, 4, "会员") == "3 to 4 characters")
        #expect(fault(3, nil, "会员") == "at least 3 characters")
        #expect(fault(nil, 1, "会员") == "at most 1 characters")
        #expect(fault(nil, nil, "会员") == nil)
    }

    @Test(arguments: [
        (ConstraintModel.Format.phone, ["+8613800138000", "+1234567"]),
        (.url, ["http://a", "https://example.org/x?y#z", "https://例子.中国/"]),
        (.slug, ["a", "a-1-b", "2026"]), (.email, ["ada@example.org"]),
    ])
    func `what has the form`(format: ConstraintModel.Format, texts: [String]) {
        for text in texts { #expect(format.accepts(text), "\(text)") }
    }

    @Test(arguments: [
        (
            ConstraintModel.Format.phone,
            ["", "8613800138000", "+0123456789", "+123456", "+1234567890123456", "+12 34567"]
        ),
        (.url, ["", "ftp://a", "http://", "https:///x", "http://:80", "http://a b", "HTTP://a"]),
        (.slug, ["", "-a", "a-", "a--b", "A", "a_b", "ä"]), (.email, ["ada"]),
    ])
    func `what has not`(format: ConstraintModel.Format, texts: [String]) {
        for text in texts { #expect(!format.accepts(text), "\(text)") }
    }

    @Test func `a text has its form`() {
        let constraint = ConstraintModel(
            min: nil, max: nil, minLength: 1, maxLength: 9, format: .slug)
        #expect(constraint.fault(inText: "a-b") == nil)
        #expect(
            constraint.fault(inText: "a b")
                == "small letters and digits with single hyphens between")
        #expect(constraint.fault(inText: "") == "1 to 9 characters")
    }
}
