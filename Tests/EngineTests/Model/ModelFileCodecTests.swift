import Bytes
import JSON
import Store
import Testing

@testable import Engine

@Suite struct ModelFileCodecTests {
    /// A value column of a table, by its field.
    private func place(_ club: MutationFixture, _ table: String, _ field: String) throws
        -> (table: TableID, column: ColumnID)
    {
        let model = try #require(club.model.table(named: table))
        guard case .column(let column, _) = try #require(model.field(field)).kind else {
            throw TestError.noColumn
        }
        return (model.id, column)
    }

    private enum TestError: Error { case noColumn }

    private func read(
        _ codec: ModelFileCodec, _ json: String, _ place: (table: TableID, column: ColumnID),
        into row: RowBuilder
    ) throws {
        var json = json
        try json.withUTF8 { text in
            try unsafe codec.read(
                UnsafeRawBufferPointer(text), table: place.table, column: place.column, into: row)
        }
    }

    @Test func `a value goes into a file and comes back as it was`() throws {
        let club = try MutationFixture()
        _ = try club.mutate(
            """
            mutation {
              createTier(input: {
                code: "zinc", name: "Zinc", fee: { amountMinor: -5, currency: "NOK" }
                perks: [
                  { name: "Se\\"at", kind: SEAT, guest: "mem_bob", worth: { amountMinor: 1, currency: "EUR" } }
                  { name: "" }
                ]
              }) { created }
            }
            """)
        let codec = ModelFileCodec(club.model)
        let tier = try #require(club.model.table(named: "Tier"))
        let member = try #require(club.model.table(named: "Member"))
        try club.store.write(now: 0) { group in
            let bob = try #require(
                club.store.row(withID: "bob", of: member.id, in: group.view))
            let ref = try #require(club.store.row(withID: "3", of: tier.id, in: group.view))
            for (field, expected) in [
                ("fee", #"{"amountMinor":-5,"currency":"NOK"}"#),
                (
                    "perks",
                    #"[{"name":"Se\"at","worth":{"amountMinor":1,"currency":"EUR"},"kind":"SEAT","#
                        + #""guest":\#(bob.rawValue)},{"name":""}]"#
                ),
            ] {
                let place = try place(club, "Tier", field)
                let output = ByteBuffer()
                let row = group.view.table(tier.id).row(ref)
                let column = club.store.column(tier.id, place.column)
                unsafe codec.appendJSON(
                    row.bytes(column), table: place.table, column: place.column, to: output)
                #expect(output.makeString() == expected)
                let builder = club.store.makeRowBuilder(tier.id)
                try read(codec, expected, place, into: builder)
                let isChanged = try group.transaction { transaction in
                    try transaction.update(tier.id, ref, changes: builder, raisesVersion: false)
                }
                #expect(!isChanged)
            }
        }
    }

    @Test func `what the type does not have is refused, a constraint is not asked`() throws {
        let club = try MutationFixture()
        let codec = ModelFileCodec(club.model)
        let perks = try place(club, "Tier", "perks")
        let fee = try place(club, "Tier", "fee")
        let builder = club.store.makeRowBuilder(perks.table)
        try read(codec, #"{"amountMinor":1,"currency":"LONG"}"#, fee, into: builder)
        for (json, reason) in [
            (#"[{"nme":"a"}]"#, #"[0]: there is no field "nme""#),
            (#"[{"name":"a","kind":"SOFA"}]"#, "[0].kind: expected is DRINK or SEAT"),
            (#"[{}]"#, "[0].name: a value is missing"),
            (#"{}"#, "expected is a list"),
        ] {
            #expect(throws: FileCodecError(reason: reason)) {
                try read(codec, json, perks, into: builder)
            }
        }
    }

    @Test func `a column that the schema has no more keeps its JSON`() throws {
        let club = try MutationFixture()
        let codec = ModelFileCodec(club.model)
        let output = ByteBuffer()
        var json = #"{"any":1}"#
        json.withUTF8 { text in
            unsafe codec.appendJSON(
                UnsafeRawBufferPointer(text), table: TableID(0), column: 99, to: output)
        }
        #expect(output.makeString() == #"{"any":1}"#)
    }

    @Test func `columns that files do not know yet get their defaults`() throws {
        let club = try MutationFixture()
        let codec = ModelFileCodec(club.model)
        let visit = try #require(club.model.table(named: "Visit"))
        let member = try #require(club.model.table(named: "Member"))
        let builder = club.store.makeRowBuilder(visit.id)
        for field in ["at", "day", "tags", "price", "extra"] {
            let place = try place(club, "Visit", field)
            #expect(
                codec.setDefault(
                    table: place.table, column: place.column, in: builder, now: 7))
        }
        try club.store.write(now: 0) { group in
            try group.transaction { transaction in
                builder.set(TableDefinition.idColumn, text: "new")
                let ada = try #require(
                    club.store.row(withID: "ada", of: member.id, in: transaction.view))
                builder.set(TableDefinition.systemColumns.count, reference: ada)
                try transaction.insert(visit.id, builder)
            }
        }
        try club.checkQuery(
            "{ visit(id: \"vis_new\") { at day tags price { currency } extra } }",
            gives: """
                {"data":{"visit":{"at":"2026-01-01T10:00:00.000Z","day":"2026-01-01",
                "tags":["first"],"price":{"currency":"EUR"},"extra":"none"}}}
                """)
        let name = try place(club, "Tier", "name")
        let tier = club.store.makeRowBuilder(name.table)
        #expect(!codec.setDefault(table: name.table, column: name.column, in: tier, now: 7))
        let joined = try place(club, "Member", "joinedAt")
        let row = club.store.makeRowBuilder(joined.table)
        #expect(codec.setDefault(table: joined.table, column: joined.column, in: row, now: 7))
    }
}
