import GraphQL
import Testing

@testable import Engine

@Suite struct GeneratedMutationTests {
    private let note = """
        type Note @table(write: [CREATE, UPDATE, DELETE]) @key(fields: "owner slug") {
          slug: String!
          text: String
          mood: Mood! @default(value: GOOD)
          at: DateTime! @default(now: true)
          since: Date! @default(value: "2026-01-01")
          price: Money! @default(value: { amount: 1 })
          any: JSON! @default(value: { a: 1 })
          owner: Note @relation
          notes: [Note!]! @relation(inverse: "owner")
        }
        enum Mood { GOOD BAD }
        type Money { amount: Long! }
        """

    @Test func `all mutations of a table`() throws {
        let model = try model(note)
        for (head, expected) in [
            (
                "type Mutation",
                """
                type Mutation {
                  createNote(input: CreateNoteInput!): CreateNotePayload
                  updateNote(input: UpdateNoteInput!): UpdateNotePayload
                  upsertNoteByOwnerAndSlug(input: UpsertNoteByOwnerAndSlugInput!): CreateNotePayload
                  deleteNote(input: DeleteNoteInput!): DeleteNotePayload
                  updateNotes(input: UpdateNotesInput!): UpdateNotesPayload
                  deleteNotes(input: DeleteNotesInput!): DeleteNotesPayload
                }
                """
            ),
            (
                "input NotePatch",
                """
                input NotePatch {
                  slug: String
                  text: String
                  mood: Mood
                  at: DateTime
                  since: Date
                  price: MoneyInput
                  any: JSON
                  ownerId: ID
                }
                """
            ),
            (
                "input CreateNoteInput",
                """
                input CreateNoteInput {
                  clientMutationId: String
                  idempotencyKey: String
                  id: ID
                  slug: String!
                  text: String
                  mood: Mood = GOOD
                  at: DateTime
                  since: Date = "2026-01-01"
                  price: MoneyInput = {amount: 1}
                  any: JSON
                  ownerId: ID
                }
                """
            ),
            (
                "type CreateNotePayload",
                """
                type CreateNotePayload {
                  clientMutationId: String
                  note: Note
                  noteEdge: NoteEdge
                  created: Boolean!
                  userErrors: [UserError!]!
                  replayed: Boolean!
                  query: Query!
                }
                """
            ),
            (
                "input UpdateNoteInput",
                """
                input UpdateNoteInput {
                  clientMutationId: String
                  idempotencyKey: String
                  id: ID!
                  expectedVersion: Int
                  set: NotePatch!
                }
                """
            ),
            (
                "input UpsertNoteByOwnerAndSlugInput",
                """
                input UpsertNoteByOwnerAndSlugInput {
                  clientMutationId: String
                  idempotencyKey: String
                  ownerId: ID!
                  slug: String!
                  expectedVersion: Int
                  set: NotePatch!
                }
                """
            ),
            (
                "input UpdateNotesInput",
                """
                input UpdateNotesInput {
                  clientMutationId: String
                  idempotencyKey: String
                  filter: NoteFilter!
                  set: NotePatch!
                  expectedCount: Int
                  dryRun: Boolean = false
                  allowAll: Boolean = false
                }
                """
            ),
            (
                "type UpdateNotesPayload",
                """
                type UpdateNotesPayload {
                  clientMutationId: String
                  count: Int!
                  notes(first: Int): NoteConnection
                  userErrors: [UserError!]!
                  replayed: Boolean!
                  query: Query!
                }
                """
            ),
            (
                "type DeleteNotePayload",
                """
                type DeleteNotePayload {
                  clientMutationId: String
                  deletedId: ID
                  userErrors: [UserError!]!
                  replayed: Boolean!
                  query: Query!
                }
                """
            ),
            ("input MoneyInput", "input MoneyInput {\n  amount: Long!\n}"),
            (
                "type UserError",
                """
                "Why a mutation did nothing."
                type UserError {
                  code: ErrorCode!
                  message: String!
                  "From the argument to the value that is wrong."
                  path: [String!]!
                  "The domain rule that refused it."
                  rule: String
                }
                """
            ),
            (
                "enum ErrorCode",
                """
                enum ErrorCode {
                  "No row has this id."
                  NOT_FOUND
                  "The value is not accepted."
                  INVALID
                  "A value must be given."
                  REQUIRED
                  "The value is too long."
                  TOO_LONG
                  "The key or the id is taken."
                  DUPLICATE
                  "The data is not as the request expected."
                  CONFLICT
                  "Other rows refer to the row."
                  REFERENCED
                  "The key was sent before, with other arguments."
                  IDEMPOTENCY_KEY_REUSED
                  "Another field of the same transaction failed."
                  UNDONE
                }
                """
            ),
        ] {
            #expect(model.printed(head) == expected)
        }
        #expect(model.schema.directive(named: "transaction")?.locations == [.mutation])
        let mutation = try #require(model.schema.mutationType)
        #expect(model.bindings[mutation.index] == .mutation)
    }

    @Test func `only what is opened is printed`() throws {
        let model = try model(
            """
            type A @table(write: [CREATE]) @key(fields: "name") { name: String! }
            type B @table(write: [DELETE]) { name: String! price: Money }
            type C @table(write: [UPDATE]) { bs: [D!]! @relation(inverse: "c") }
            type D @table { c: C }
            type Money { amount: Long! }
            """)
        #expect(
            model.mutations.map(\.name) == ["createA", "deleteB", "deleteBs"])
        for name in ["APatch", "MoneyInput", "CPatch", "UpdateCInput", "CreateDInput"] {
            #expect(model.schema.type(named: name) == nil, "\(name)")
        }
    }

    @Test func `names of mutations do not collide`() {
        expectProblems(
            of: """
                type Member @table(write: [CREATE]) @key(fields: "set") {
                  set: String!
                  clientMutationId: String
                }
                type Count @table(write: [UPDATE]) { name: String! }
                type UserError @table { name: String! }
                type DeleteMemberPayload @table { name: String! }
                """,
            """
            a.graphql:2:3: error: the field "set" of the inputs of "Member" would be two things
              help: give the field another name
            a.graphql:3:3: error: the field "clientMutationId" of the inputs of "Member" would be two things
              help: give the field another name
            a.graphql:5:6: error: the field "count" of the payloads of "Count" would be two things
              help: give the table another name
            a.graphql:6:6: error: the type "UserError" would be two things: Tessera and the table "UserError"
              help: give the type another name
            """)
        expectProblems(
            of: """
                type Box @table { name: String! }
                type Boxes @table(plural: "boxLists") { name: String! }
                """,
            """
            a.graphql:2:6: error: the field of Query "boxes" would be two things: the list of "Box" and the look-up of "Boxes"
              help: give the table another name; the other is at a.graphql:1
            """)
        expectProblems(
            of: """
                type Box @table { name: String! }
                type Crate @table(plural: "Box") { name: String! }
                """,
            """
            a.graphql:2:6: error: the field of Mutation "updateBox" would be two things: a mutation of "Box" and a mutation of "Crate"
              help: rename one of the two types; the other is at a.graphql:1
            a.graphql:2:6: error: the field of Mutation "deleteBox" would be two things: a mutation of "Box" and a mutation of "Crate"
              help: rename one of the two types; the other is at a.graphql:1
            """)
        expectProblems(
            of: """
                type Member @table { name: String! }
                type DeleteMemberPayload @table { name: String! }
                """,
            """
            a.graphql:1:6: error: the type "DeleteMemberPayload" would be two things: the table "DeleteMemberPayload" and the payload of a mutation of "Member"
              help: rename one of the two types; the other is at a.graphql:2
            """)
    }
}
