import GraphQL
import Testing

@testable import Engine

@Suite struct ScalarCodecsTests {
    /// What a scalar makes of an input, or why it refuses it.
    private func read(_ scalar: String, _ input: ScalarCodec.Input) -> Result<CoercedValue, Text> {
        guard let codec = scalarCodecs[scalar] else { return .failure(Text("no codec")) }
        do {
            return .success(try codec.coerce(input))
        } catch {
            return .failure(Text(error.message))
        }
    }

    private struct Text: Error, Equatable {
        let text: String

        init(_ text: String) {
            self.text = text
        }
    }

    @Test func `the scalars that are not GraphQL's own have codecs`() {
        #expect(
            scalarCodecs.keys.sorted() == ["Date", "DateTime", "EmailAddress", "JSON", "Long"])
    }

    @Test func `a Long is an integer that JavaScript holds exactly`() {
        #expect(read("Long", .int("9007199254740991")) == .success(.int(9_007_199_254_740_991)))
        #expect(read("Long", .int("-9007199254740991")) == .success(.int(-9_007_199_254_740_991)))
        let expected = "expected is an integer from -9007199254740991 to 9007199254740991"
        for text in ["9007199254740992", "-9007199254740992", "99999999999999999999"] {
            #expect(
                read("Long", .int(text))
                    == .failure(Text("Long cannot represent value: \(text); \(expected)")))
        }
        #expect(
            read("Long", .float("1.5"))
                == .failure(Text("Long cannot represent value: 1.5; \(expected)")))
        #expect(
            read("Long", .string("1"))
                == .failure(Text("Long cannot represent value: \"1\"; \(expected)")))
    }

    @Test func `a DateTime is milliseconds`() {
        #expect(read("DateTime", .string("1970-01-01T00:00:01.5Z")) == .success(.int(1500)))
        #expect(read("DateTime", .string("1970-01-01T02:00:00+02:00")) == .success(.int(0)))
        #expect(
            read("DateTime", .string("2026-06-30"))
                == .failure(
                    Text(
                        "DateTime cannot represent value: \"2026-06-30\"; expected is an RFC 3339 "
                            + "date-time with offset, like \"2026-06-30T12:00:00Z\"")))
    }

    @Test func `a Date is days`() {
        #expect(read("Date", .string("1970-01-11")) == .success(.int(10)))
        #expect(
            read("Date", .int("10"))
                == .failure(
                    Text(
                        "Date cannot represent value: 10; expected is a date like \"2026-06-30\"")))
    }

    @Test(arguments: [
        "a@b", "ada.lovelace+x@example.org", "!#$%&'*+/=?^_`{|}~-@a-b.c1",
        "a@" + String(repeating: "x", count: 63),
    ])
    func `what an HTML form takes is an e-mail address`(text: String) {
        #expect(read("EmailAddress", .string(text)) == .success(.string(text)))
    }

    @Test(arguments: [
        "", "a", "@b", "a@", "a b@c", "a@b@c", "a@-b", "a@b-", "a@b..c", "a@b.", "ä@b", "a@b_c",
        "a@" + String(repeating: "x", count: 64),
    ])
    func `what an HTML form refuses is no e-mail address`(text: String) {
        #expect(
            read("EmailAddress", .string(text))
                == .failure(
                    Text(
                        "EmailAddress cannot represent value: \(quoted(text)); expected is an "
                            + "e-mail address like \"ada@example.org\"")))
    }

    @Test func `JSON is any value as text`() {
        #expect(read("JSON", .json("{\"a\":[1]}")) == .success(.string("{\"a\":[1]}")))
        #expect(read("JSON", .string("a\"b\n")) == .success(.string("\"a\\\"b\\n\"")))
        #expect(read("JSON", .int("12")) == .success(.string("12")))
        #expect(read("JSON", .float("1.50")) == .success(.string("1.50")))
        #expect(read("JSON", .boolean(false)) == .success(.string("false")))
        #expect(
            read("JSON", .enumName("RED"))
                == .failure(Text("JSON cannot represent value: RED; expected is a JSON document")))
    }

    @Test func `an error repeats at most a hundred characters`() throws {
        let long = String(repeating: "1", count: 5000)
        guard case .failure(let text) = read("Long", .int(long)) else {
            Issue.record("it was taken")
            return
        }
        #expect(
            text.text.hasPrefix(
                "Long cannot represent value: \(String(repeating: "1", count: 100))…; expected"))
    }
}
