import GraphQL
import Testing

/// Expected errors: rule, places, message.
@Suite struct OperationRulesTests {
    @Test func `a document of operations and fragments is executable`() {
        checkValidation(
            """
            query A { dog { ...F } }
            fragment F on Dog { name }
            """, [])
    }

    @Test func `descriptions mean nothing`() {
        checkValidation(
            #"""
            "{ nope }" query A("""$nope""" $a: Boolean!) { dog @skip(if: $a) { ...F } }
            "fragment F" fragment F on Dog { name }
            """#, [])
    }

    @Test func `definitions of the type system are not executable`() {
        checkValidation(
            """
            query A { dog { name } }
            type Cow { name: String }
            extend schema { subscription: Cow }
            directive @d on FIELD
            """,
            [
                #"ExecutableDefinitions 2:1 | The "Cow" definition is not executable."#,
                #"ExecutableDefinitions 3:1 | The schema definition is not executable."#,
                #"ExecutableDefinitions 4:1 | The "d" definition is not executable."#,
            ])
    }

    @Test func `each operation needs a root type`() {
        checkValidation(
            """
            query A { dog { name } }
            mutation B { x }
            subscription C { y }
            """,
            [
                #"KnownOperationTypes 2:1 | The mutation operation is not supported by the "#
                    + #"schema."#,
                #"KnownOperationTypes 3:1 | The subscription operation is not supported by "#
                    + #"the schema."#,
            ], schema: queriesOnly)
    }

    @Test func `operation names are unique`() {
        checkValidation(
            """
            query A { dog { name } }
            mutation A { setDog(id: 1) { name } }
            query B { dog { name } }
            query A { cat { name } }
            """,
            [
                #"UniqueOperationNames 1:7 2:10 | There can be only one operation named "A"."#,
                #"UniqueOperationNames 1:7 4:7 | There can be only one operation named "A"."#,
            ])
    }

    @Test func `an anonymous operation stands alone`() {
        checkValidation(
            """
            { dog { name } }
            query A { cat { name } }
            mutation { setDog(id: 1) { name } }
            """,
            [
                #"LoneAnonymousOperation 1:1 | This anonymous operation must be the only "#
                    + #"defined operation."#,
                #"LoneAnonymousOperation 3:1 | This anonymous operation must be the only "#
                    + #"defined operation."#,
            ])
    }

    @Test func `an anonymous operation may have fragments`() {
        checkValidation(
            """
            { dog { ...F } }
            fragment F on Dog { name }
            """, [])
    }

    @Test func `a subscription has one root field`() {
        checkValidation(
            """
            subscription S { newPet { name nickname: name } }
            """, [])
    }

    @Test func `a subscription may select its root field more than once`() {
        checkValidation(
            """
            subscription S { newPet { name } ...F ... on Subscription { newPet { name } } }
            fragment F on Subscription { newPet { __typename } }
            """, [])
    }

    @Test func `a subscription has no second root field`() {
        checkValidation(
            """
            subscription S { importantEmails notImportantEmails more: importantEmails }
            """,
            [
                #"SingleFieldSubscriptions 1:34 1:53 | Subscription "S" must select only one "#
                    + #"top level field."#
            ])
    }

    @Test func `a second root field is found in fragments`() {
        checkValidation(
            """
            subscription { ...F }
            fragment F on Subscription { importantEmails ...G }
            fragment G on Subscription { ... { notImportantEmails } importantEmails ...F }
            """,
            [
                #"SingleFieldSubscriptions 3:36 | Anonymous Subscription must select only one "#
                    + #"top level field."#,
                #"NoFragmentCycles 2:46 3:73 | Cannot spread fragment "F" within itself via "G"."#,
            ])
    }

    @Test func `a subscription does not select an introspection field`() {
        checkValidation(
            """
            subscription S { __typename }
            """,
            [
                #"SingleFieldSubscriptions 1:18 | Subscription "S" must not select an "#
                    + #"introspection top level field."#
            ])
    }

    @Test func `a subscription has no condition at its root`() {
        checkValidation(
            """
            subscription S($b: Boolean!) { importantEmails @skip(if: $b) ... @include(if: true)
              { spamEmails } ...F @include(if: $b) }
            fragment F on Subscription { newPet { name } }
            """,
            [
                #"SingleFieldSubscriptions 1:48 1:66 2:23 | Subscription "S" must not use "#
                    + #"`@skip` or `@include` directives in the top level selection."#
            ])
    }

    @Test func `conditions below the root of a subscription are free`() {
        checkValidation(
            """
            subscription S($b: Boolean!) { newPet { name @skip(if: $b) } }
            """, [])
    }

    @Test func `the root fields of a query are free`() {
        checkValidation(
            """
            { dog { name } cat { name } __typename }
            """, [])
    }
}
