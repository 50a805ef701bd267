import JSON
import Testing

@testable import Engine

/// Rules that the schema names, over the bank of ``bankSchema``.
struct RuleTests {
    private func bank() throws -> MutationFixture {
        let bank = try MutationFixture(bankSchema, rows: [:], rules: bankRules)
        try bank.check(
            """
            mutation { a: openAccount(input: { name: "a", amounts: [5, 7],
                limit: { amount: 90, currency: "EUR" } }) { account { id } }
              b: openAccount(input: { name: "b" }) { account { id } } }
            """,
            gives: #"{"data":{"a":{"account":{"id":"acc_1"}},"b":{"account":{"id":"acc_2"}}}}"#)
        return bank
    }

    @Test func `a rule changes several tables and answers with rows, lists and numbers`() throws {
        let bank = try MutationFixture(bankSchema, rows: [:], rules: bankRules)
        try bank.check(
            """
            mutation { openAccount(input: { clientMutationId: "1", name: "a", kind: NORMAL,
                amounts: [5, 7] }) {
              __typename clientMutationId replayed sum account { name kind balance version }
              entries { id seq amount account { id } }
              userErrors { code } query { richest { name } } } }
            """,
            gives: """
                {"data":{"openAccount":{"__typename":"OpenAccountPayload","clientMutationId":"1",
                "replayed":false,"sum":12,
                "account":{"name":"a","kind":"NORMAL","balance":12,"version":1},
                "entries":[{"id":"ent_1","seq":1,"amount":5,"account":{"id":"acc_1"}},
                {"id":"ent_2","seq":2,"amount":7,"account":{"id":"acc_1"}}],
                "userErrors":[],"query":{"richest":[{"name":"a"}]}}}}
                """)
    }

    @Test func `several refusals are told at once, and nothing is done`() throws {
        let bank = try bank()
        try bank.check(
            """
            mutation { openAccount(input: { name: "a", amounts: [1, 0] }) {
              sum account { id } entries { id } userErrors { code message path rule } } }
            """,
            gives: """
                {"data":{"openAccount":{"sum":0,"account":null,"entries":[],"userErrors":[
                {"code":"DUPLICATE","message":"The name is taken.","path":["input","name"],
                "rule":"bank.open"},
                {"code":"INVALID","message":"Nothing is paid.","path":["input","amounts"],
                "rule":"bank.open"}]}}}
                """)
    }

    @Test func `what a rule did before it refused is undone`() throws {
        let bank = try bank()
        try bank.check(
            """
            mutation { pay(input: { accountId: "acc_1", amount: -13 }) {
              entry { id } shortfall userErrors { code path } } }
            """,
            gives: """
                {"data":{"pay":{"entry":null,"shortfall":null,
                "userErrors":[{"code":"SHORT","path":["input","amount"]}]}}}
                """)
        try bank.check(
            #"mutation { pay(input: { accountId: "acc_9", amount: 1 }) { userErrors { code path } } }"#,
            gives: """
                {"data":{"pay":{"userErrors":[{"code":"NOT_FOUND","path":["input","accountId"]}]}}}
                """)
        try bank.checkQuery(
            #"{ account(id: "acc_1") { balance entries { totalCount } } }"#,
            gives: #"{"data":{"account":{"balance":12,"entries":{"totalCount":2}}}}"#)
    }

    @Test func `computed fields have arguments, objects, lists and rules of their own`() throws {
        let bank = try bank()
        try bank.checkQuery(
            """
            { account(id: "acc_1") { label summary { __typename sum kind other { id }
                limit { amount currency } newest { seq } more: after(amount: 3) }
              short: summary(last: 1) { newest { amount account { name } } } } }
            """,
            gives: """
                {"data":{"account":{"label":"a!","summary":{"__typename":"Summary","sum":12,
                "kind":"NORMAL","other":null,"limit":{"amount":90,"currency":"EUR"},
                "newest":[{"seq":2},{"seq":1}],"more":15},
                "short":{"newest":[{"amount":7,"account":{"name":"a"}}]}}}}
                """)
    }

    @Test func `a field that is refused says so and makes its parent null when it must`() throws {
        let bank = try bank()
        let answer = try bank.fixture.ask(
            #"{ account(id: "acc_1") { name summary(last: -1) { sum } } }"#)
        let error = answer.json?["errors"]?.elements?.first
        #expect(error?["message"] == .string("last must not be negative."))
        #expect(error?["path"] == .array([.string("account"), .string("summary")]))
        #expect(answer.json?["data"]?["account"] == .null)
    }

    @Test func `a field of Query is a rule's`() throws {
        let bank = try bank()
        try bank.checkQuery(
            "{ richest(first: 1) { name entries { nodes { amount } } } }",
            gives: """
                {"data":{"richest":[{"name":"a","entries":{"nodes":[{"amount":5},{"amount":7}]}}]}}
                """)
    }

    @Test func `a replay shows the payload's rows as they are by then`() throws {
        let bank = try bank()
        let pay = """
            mutation($n: Long!) { pay(input: { accountId: "acc_2", amount: $n, idempotencyKey: "k" }) {
              replayed entry { id amount } account { balance } userErrors { code } } }
            """
        try bank.check(
            pay, ["n": 4],
            gives: """
                {"data":{"pay":{"replayed":false,"entry":{"id":"ent_3","amount":4},
                "account":{"balance":4},"userErrors":[]}}}
                """)
        try bank.check(
            #"mutation { pay(input: { accountId: "acc_2", amount: 1 }) { entry { id } } }"#,
            gives: #"{"data":{"pay":{"entry":{"id":"ent_4"}}}}"#)
        try bank.check(
            pay, ["n": 4],
            gives: """
                {"data":{"pay":{"replayed":true,"entry":{"id":"ent_3","amount":4},
                "account":{"balance":5},"userErrors":[]}}}
                """)
        try bank.check(
            pay, ["n": 5],
            gives: """
                {"data":{"pay":{"replayed":false,"entry":null,"account":null,
                "userErrors":[{"code":"IDEMPOTENCY_KEY_REUSED"}]}}}
                """)
    }

    @Test func `a dry run of a rule shows what would be and leaves nothing`() throws {
        let bank = try bank()
        try bank.check(
            """
            mutation { openAccount(input: { name: "c", amounts: [1], dryRun: true }) {
              sum account { name balance } entries { seq } } }
            """,
            gives: """
                {"data":{"openAccount":{"sum":1,"account":{"name":"c","balance":1},
                "entries":[{"seq":1}]}}}
                """)
        try bank.checkQuery(
            "{ accounts { totalCount } notes { totalCount } }",
            gives: #"{"data":{"accounts":{"totalCount":2},"notes":{"totalCount":2}}}"#)
    }

    @Test func `the observer sees what differs, and nothing that is sensitive`() throws {
        let bank = try bank()
        try bank.check(
            #"mutation { pay(input: { accountId: "acc_2", amount: 4 }) { account { id } } }"#,
            gives: #"{"data":{"pay":{"account":{"id":"acc_2"}}}}"#)
        try bank.check(
            """
            mutation { updateAccount(input: { id: "acc_2", set: { pin: "1234" } }) { account { id } } }
            """,
            gives: #"{"data":{"updateAccount":{"account":{"id":"acc_2"}}}}"#)
        try bank.checkQuery(
            "{ notes(offset: 1) { nodes { mutation subject before after } } }",
            gives: """
                {"data":{"notes":{"nodes":[
                {"mutation":"openAccount","subject":"acc_2","before":null,
                "after":{"name":"b","kind":"NORMAL","balance":0}},
                {"mutation":"pay","subject":"acc_2","before":{"balance":0},"after":{"balance":4}},
                {"mutation":"updateAccount","subject":"acc_2","before":{"pin":null},
                "after":{"pin":"***"}}]}}}
                """)
    }

    @Test func `rows that are due are settled before a mutation is answered`() throws {
        let bank = try bank()
        try bank.check(
            """
            mutation { updateAccount(input: { id: "acc_1", set: { closesAt: "2026-01-05T00:00:00Z" } }) {
              account { kind } } }
            """,
            gives: #"{"data":{"updateAccount":{"account":{"kind":"NORMAL"}}}}"#)
        let due: Int64 = EngineFixture.loadTime + 4 * 86_400_000
        let pay = """
            mutation { pay(input: { accountId: "acc_1", amount: 1 }) { userErrors { code } } }
            """
        try bank.check(pay, now: due - 1, gives: #"{"data":{"pay":{"userErrors":[]}}}"#)
        try bank.check(
            pay, now: due, gives: #"{"data":{"pay":{"userErrors":[{"code":"CLOSED"}]}}}"#)
        try bank.checkQuery(
            #"{ account(id: "acc_1") { kind closesAt } }"#,
            gives: #"{"data":{"account":{"kind":"CLOSED","closesAt":null}}}"#)
    }

    @Test func `a session with a bound effort answers nothing while rows are due`() throws {
        let model = try buildModel(
            [SchemaFile(path: "test.graphql", bytes: Array(bankSchema.utf8))], rules: bankRules)
        let fixture = try EngineFixture(
            model,
            rows: [
                "Account": [["id": "acc_x", "name": "x", "closesAt": "2026-01-01T00:00:00Z"]]
            ])
        #expect(try fixture.ask("{ accounts { totalCount } }", effort: .bounded).outcome == .due)
        fixture.store.write(now: EngineFixture.loadTime) {
            MutationSession(context: fixture.context).settle(in: $0)
        }
        let answer = try fixture.ask("{ accounts { nodes { kind } } }", effort: .bounded)
        #expect(answer.text == #"{"data":{"accounts":{"nodes":[{"kind":"CLOSED"}]}}}"#)
    }

    @Test func `clients cannot give what a rule keeps`() throws {
        let bank = try bank()
        #expect(!bank.model.printed("input AccountPatch").contains("balance"))
        #expect(bank.model.printed("input AccountPatch").contains("closesAt: DateTime"))
        #expect(
            bank.model.printed("input PayInput") == """
                input PayInput {
                  clientMutationId: String
                  idempotencyKey: String
                  accountId: ID!
                  amount: Long!
                  note: String
                }
                """)
        #expect(bank.model.printed("enum ErrorCode").contains("SHORT"))
    }

    @Test(arguments: [
        (
            "the table of a rule", #"type Entry @table(idPrefix: "ent", appendOnly: true)"#,
            #"type Entries @table(idPrefix: "ent", appendOnly: true)"#,
            "the table \"Entry\" is missing"
        ),
        ("a field", "  seq: Long!\n", "  seq: Int!\n", "\"Entry.seq: Long!\" is missing"),
        (
            "an input", "amount: Long! note: String }", "amount: Long! note: String tip: Long }",
            "\"PayInput.tip\" means nothing to it"
        ),
        (
            "a type of an input", "input PayInput { accountId: ID!",
            "input PayInput { accountId: ID",
            "\"PayInput.accountId\" has another type: String is asked for"
        ),
        (
            "a payload", "shortfall: Long }", "missing: Long }",
            "\"PayPayload\" has no field \"shortfall\""
        ),
        ("a key", #" @key(fields: "name")"#, "", "\"Account\" has no @key(fields: \"name\")"),
    ])
    func `a rule that cannot be bound is told with its place`(
        _ what: String, _ old: String, _ new: String, _ message: String
    ) throws {
        var text = bankSchema.replacing(old, with: new)
        if what == "the table of a rule" {
            text = text.replacing("Entry!", with: "Entries!").replacing(
                ": Entry ", with: ": Entries ")
        }
        #expect(text != bankSchema)
        do {
            _ = try buildModel(
                [SchemaFile(path: "b.graphql", bytes: Array(text.utf8))], rules: bankRules)
            Issue.record("\(what) was not missed")
        } catch {
            #expect(error.description.contains(message), "\(error)")
            #expect(error.problems.allSatisfy { $0.file == "b.graphql" && $0.line > 0 })
        }
    }

    @Test func `an unknown rule is told with the nearest name`() {
        let text = bankSchema.replacing("bank.pay", with: "bank.pey")
        do {
            _ = try buildModel(
                [SchemaFile(path: "b.graphql", bytes: Array(text.utf8))], rules: bankRules)
            Issue.record("a model was built")
        } catch {
            #expect(error.description.contains(#"the rule "bank.pey" is unknown"#))
            #expect(error.description.contains("bank.pay"))
        }
    }

    @Test func `constraints of inputs are checked before the rule`() throws {
        let text = bankSchema.replacing(
            "input PayInput { accountId: ID! amount: Long! note: String }",
            with: """
                input PayInput { accountId: ID! amount: Long! @constraint(min: -9, max: 9)
                  note: String @constraint(maxLength: 3) }
                """)
        let bank = try MutationFixture(text, rows: [:], rules: bankRules)
        try bank.check(
            """
            mutation { pay(input: { accountId: "acc_1", amount: 10, note: "abcd" }) {
              userErrors { code message path } } }
            """,
            gives: """
                {"data":{"pay":{"userErrors":[
                {"code":"INVALID","message":"amount accepts at most 9.","path":["input","amount"]},
                {"code":"TOO_LONG","message":"note accepts at most 3 characters.",
                "path":["input","note"]}]}}}
                """)
        try bank.check(
            #"mutation { pay(input: { accountId: "acc_1", amount: 9, note: "abc" }) { userErrors { code } } }"#,
            gives: #"{"data":{"pay":{"userErrors":[{"code":"NOT_FOUND"}]}}}"#)
    }

    @Test func `a generated mutation gives a new row the defaults of what rules keep`() throws {
        let text = bankSchema.replacing("write: [UPDATE]", with: "write: [CREATE, UPDATE]")
        let bank = try MutationFixture(text, rows: [:], rules: bankRules)
        try bank.check(
            #"mutation { createAccount(input: { name: "x" }) { account { name balance } } }"#,
            gives: #"{"data":{"createAccount":{"account":{"name":"x","balance":0}}}}"#)
    }
}
