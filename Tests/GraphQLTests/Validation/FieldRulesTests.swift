import GraphQL
import Testing

/// Expected errors: rule, places, message.
@Suite struct FieldRulesTests {
    @Test func `fields exist on objects, interfaces and unions`() {
        checkValidation(
            """
            { dog { __typename name ... on Pet { name } } pet { name } catOrDog { __typename
              ... on Dog { barks } } __schema { types { name } } __type(name: "Dog") { name } }
            """, [])
    }

    @Test func `an unknown field is reported with those that are spelled alike`() {
        checkValidation(
            """
            { dog { nam meowVolume } }
            """,
            [
                #"FieldsOnCorrectType 1:9 | Cannot query field "nam" on type "Dog". Did you "#
                    + #"mean "name"?"#,
                #"FieldsOnCorrectType 1:13 | Cannot query field "meowVolume" on type "Dog". "#
                    + #"Did you mean "barkVolume"?"#,
            ])
    }

    @Test func `a field of possible types is suggested with these`() {
        checkValidation(
            """
            { pet { nickname } catOrDog { name } }
            """,
            [
                #"FieldsOnCorrectType 1:9 | Cannot query field "nickname" on type "Pet". Did "#
                    + #"you mean to use an inline fragment on "Cat" or "Dog"?"#,
                #"FieldsOnCorrectType 1:31 | Cannot query field "name" on type "CatOrDog". "#
                    + #"Did you mean to use an inline fragment on "Being", "Pet", "Canine", "#
                    + #""Cat", or "Dog"?"#,
            ])
    }

    @Test func `an interface is suggested before what implements it, whatever their names`() {
        checkValidation(
            "{ t { foo } }",
            [
                #"FieldsOnCorrectType 1:7 | Cannot query field "foo" on type "T". Did you mean "#
                    + #"to use an inline fragment on "Z", "Y", or "X"?"#
            ],
            schema: makeSchema(
                """
                interface T { bar: Int }
                interface Z implements T { foo: Int bar: Int }
                interface Y implements Z & T { foo: Int bar: Int }
                type X implements Y & Z & T { foo: Int bar: Int }
                type Query { t: T }
                """))
    }

    @Test func `types with a field are suggested in the order of their first mention`() {
        checkValidation(
            "{ pet { name } }",
            [
                #"FieldsOnCorrectType 1:9 | Cannot query field "name" on type "Pet". Did you mean "#
                    + #"to use an inline fragment on "Animal", "Mammal", "Canine", "Dog", or "#
                    + #""Feline"?"#
            ],
            schema: makeSchema(
                """
                interface Animal { name: Int }
                interface Mammal implements Animal { name: Int }
                interface Canine implements Animal & Mammal { name: Int }
                interface Feline implements Animal & Mammal { name: Int }
                type Dog implements Animal & Mammal & Canine { name: Int }
                type Cat implements Animal & Mammal & Feline { name: Int }
                union Pet = Cat | Dog
                type Query { pet: Pet }
                """))
    }

    @Test func `a field below an unknown one is not looked at`() {
        checkValidation(
            """
            { dog { unknown { deeper } } }
            """,
            [
                #"FieldsOnCorrectType 1:9 | Cannot query field "unknown" on type "Dog"."#
            ])
    }

    @Test func `meta-fields of the root exist at the query root only`() {
        checkValidation(
            """
            { dog { __schema { types { name } } __type(name: "x") { name } } }
            """,
            [
                #"FieldsOnCorrectType 1:9 | Cannot query field "__schema" on type "Dog"."#,
                #"FieldsOnCorrectType 1:37 | Cannot query field "__type" on type "Dog"."#,
            ])
    }

    @Test func `an unknown field is reported in its fragment`() {
        checkValidation(
            """
            { dog { ...F } }
            fragment F on Dog { meows ... on Cat { barks } }
            """,
            [
                #"FieldsOnCorrectType 2:21 | Cannot query field "meows" on type "Dog"."#,
                #"PossibleFragmentSpreads 2:27 | Fragment cannot be spread here as objects of "#
                    + #"type "Dog" can never be of type "Cat"."#,
                #"FieldsOnCorrectType 2:40 | Cannot query field "barks" on type "Cat"."#,
            ])
    }

    @Test func `leaf fields have no selection`() {
        checkValidation(
            """
            { dog { name { x } barks { y } } cat { furColor { z } } }
            """,
            [
                #"ScalarLeafs 1:14 | Field "name" must not have a selection since type "#
                    + #""String" has no subfields."#,
                #"ScalarLeafs 1:26 | Field "barks" must not have a selection since type "#
                    + #""Boolean" has no subfields."#,
                #"ScalarLeafs 1:49 | Field "furColor" must not have a selection since type "#
                    + #""FurColor" has no subfields."#,
            ])
    }

    @Test func `composite fields have a selection`() {
        checkValidation(
            """
            { human pet dogOrHuman dog { owner mother { name } } }
            """,
            [
                #"ScalarLeafs 1:3 | Field "human" of type "Human" must have a selection of "#
                    + #"subfields. Did you mean "human { ... }"?"#,
                #"ScalarLeafs 1:9 | Field "pet" of type "Pet" must have a selection of "#
                    + #"subfields. Did you mean "pet { ... }"?"#,
                #"ScalarLeafs 1:13 | Field "dogOrHuman" of type "DogOrHuman" must have a "#
                    + #"selection of subfields. Did you mean "dogOrHuman { ... }"?"#,
                #"ScalarLeafs 1:30 | Field "owner" of type "Human" must have a selection of "#
                    + #"subfields. Did you mean "owner { ... }"?"#,
            ])
    }
}
