import Bytes
import Testing

@testable import Engine

/// How problems are collected.
@Suite struct ModelErrorsTests {
    @Test func `five mistakes make five problems`() {
        expectProblems(
            of: """
                type Tier @table(idPrefix: "tier") @key(fields: "kode") {
                  code: Strng!
                  name: String! @indexx
                  members: [Member!]! @relation(inverse: "tiers")
                }
                type Member @table(idPrefix: "tier") {
                  tier: Tier!
                }
                """,
            """
            a.graphql:1:49: error: "Tier" has no field "kode"
              help: did you mean "code"?
            a.graphql:2:9: error: unknown type "Strng"
              help: did you mean "String"?
            a.graphql:3:17: error: unknown directive "@indexx"
              help: did you mean "@index"?
            a.graphql:4:42: error: "Member" has no field "tiers"
              help: did you mean "tier"?
            a.graphql:6:30: error: the ids of "Member" and of "Tier" both begin with "tier_"
              help: give one of them another: @table(idPrefix: "…")
            """)
    }

    @Test func `a syntax error hides the rest`() {
        expectProblems(
            of: """
                type Tier @table {
                  status: Int! = 3
                }
                type Member @tabel {
                  tier: Teir!
                }
                """,
            """
            a.graphql:2:16: error: Expected Name, found "="
              help: the default of a field is written @default(value: …)
            """)
    }

    @Test func `what only GraphQL itself forbids is reported with its place`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String! @default(value: {a: 1, a: 2})
                  note: JSON @default(value: {a: 1, a: 2})
                }
                """,
            """
            a.graphql:2:33: error: the default {a: 1, a: 2} does not fit "String!"
              help: expected is a string
            a.graphql:3:31: error: There can be only one input field named "a"
            """)
    }

    @Test func `problems come in the order of files and places`() {
        expectProblems(
            of: "type Tier @table { name: Strin }",
            "type Tier @table { name: String }\ntype Event @tabel { at: DateTim! }",
            """
            a.graphql:1:26: error: unknown type "Strin"
              help: did you mean "String"?
            b.graphql:1:6: error: the type "Tier" is defined twice
              help: the first definition is at a.graphql:1
            b.graphql:2:12: error: unknown directive "@tabel"
              help: did you mean "@table"?
            b.graphql:2:25: error: unknown type "DateTim"
              help: did you mean "DateTime"?
            """)
    }

    @Test func `every file that does not parse is reported`() {
        expectProblems(
            of: "type Tier {", "type Tier @table { name: Strin }", "type",
            """
            a.graphql:1:12: error: Expected Name, found <EOF>
            c.graphql:1:5: error: Expected Name, found <EOF>
            """)
    }

    @Test func `columns count Unicode scalars`() {
        expectProblems(
            of: "type Tier @table { \"会员\" name: Strin }",
            """
            a.graphql:1:31: error: unknown type "Strin"
              help: did you mean "String"?
            """)
    }

    @Test func `a problem of a whole file has no line`() {
        let problem = ModelProblem(file: "schema", message: "it is empty", hint: "fill it")
        #expect(problem.description == "schema: error: it is empty\n  help: fill it")
    }

    @Test func `a damaged file makes a model, or problems that lie in it`() {
        for seed in UInt64(1)...120 {
            var random = SeededRandom(seed: seed)
            var words = clubSchema.split(separator: " ", omittingEmptySubsequences: false)
            for _ in 0..<2 {
                let (one, other) = (
                    Int.random(in: words.indices, using: &random),
                    Int.random(in: words.indices, using: &random)
                )
                switch Int.random(in: 0..<4, using: &random) {
                case 0: words.remove(at: one)
                case 1: words.swapAt(one, other)
                case 2: words.insert(words[other], at: one)
                default: words[one] = words[other]
                }
            }
            do {
                _ = try buildModel(schemaFiles([words.joined(separator: " ")]))
            } catch {
                for problem in error.problems {
                    #expect(problem.file == "a.graphql" && problem.line > 0, "seed \(seed)")
                    #expect(!problem.message.hasSuffix("."), "seed \(seed)")
                }
            }
        }
    }
}
