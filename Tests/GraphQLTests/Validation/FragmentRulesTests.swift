import GraphQL
import Testing

/// Expected errors: rule, places, message.
@Suite struct FragmentRulesTests {
    @Test func `fragment names are unique`() {
        checkValidation(
            """
            { dog { ...A ...B } }
            fragment A on Dog { name }
            fragment B on Dog { name }
            fragment A on Dog { barks }
            fragment A on Dog { nickname }
            """,
            [
                #"UniqueFragmentNames 2:10 4:10 | There can be only one fragment named "A"."#,
                #"UniqueFragmentNames 2:10 5:10 | There can be only one fragment named "A"."#,
            ])
    }

    @Test func `type conditions and variables name known types`() {
        checkValidation(
            """
            query Q($a: Strin, $b: [Unknown!]!) { dog { ...F ... on Pett { name }
              isAtLocation(x: $a, y: $b) } }
            fragment F on Dgo { name }
            """,
            [
                #"KnownTypeNames 1:13 | Unknown type "Strin". Did you mean "String"?"#,
                #"KnownTypeNames 1:25 | Unknown type "Unknown"."#,
                #"KnownTypeNames 1:57 | Unknown type "Pett". Did you mean "Pet"?"#,
                #"KnownTypeNames 3:15 | Unknown type "Dgo". Did you mean "Dog"?"#,
            ])
    }

    @Test func `type conditions are composite`() {
        checkValidation(
            """
            { dog { ... on Boolean { x } ... on DogCommand { y } ...F } }
            fragment F on ComplexInput { z }
            """,
            [
                #"FragmentsOnCompositeTypes 1:16 | Fragment cannot condition on non composite "#
                    + #"type "Boolean"."#,
                #"FragmentsOnCompositeTypes 1:37 | Fragment cannot condition on non composite "#
                    + #"type "DogCommand"."#,
                #"FragmentsOnCompositeTypes 2:15 | Fragment "F" cannot condition on non "#
                    + #"composite type "ComplexInput"."#,
            ])
    }

    @Test func `unused fragments are reported, those that only use each other too`() {
        checkValidation(
            """
            { dog { ...A } }
            fragment A on Dog { ...B }
            fragment B on Dog { name }
            fragment C on Dog { ...D }
            fragment D on Dog { ...C }
            fragment E on Dog { name }
            """,
            [
                #"NoFragmentCycles 4:21 5:21 | Cannot spread fragment "C" within itself via "D"."#,
                #"NoUnusedFragments 4:1 | Fragment "C" is never used."#,
                #"NoUnusedFragments 5:1 | Fragment "D" is never used."#,
                #"NoUnusedFragments 6:1 | Fragment "E" is never used."#,
            ])
    }

    @Test func `spreads name fragments that exist`() {
        checkValidation(
            """
            { dog { ...Missing ... on Dog { ...Gone } } }
            """,
            [
                #"KnownFragmentNames 1:12 | Unknown fragment "Missing"."#,
                #"KnownFragmentNames 1:36 | Unknown fragment "Gone"."#,
            ])
    }

    @Test func `a fragment does not spread itself`() {
        checkValidation(
            """
            { dog { ...A } }
            fragment A on Dog { name ... on Dog { ...A } mother { ...A } }
            """,
            [
                #"NoFragmentCycles 2:55 | Cannot spread fragment "A" within itself."#,
                #"NoFragmentCycles 2:39 | Cannot spread fragment "A" within itself."#,
            ])
    }

    @Test func `a fragment does not spread itself through others`() {
        checkValidation(
            """
            { dog { ...A } }
            fragment A on Dog { ...B ...C }
            fragment B on Dog { ...C }
            fragment C on Dog { owner { pets { ...A ...B } } }
            """,
            [
                #"NoFragmentCycles 2:21 3:21 4:36 | Cannot spread fragment "A" within itself "#
                    + #"via "B", "C"."#,
                #"NoFragmentCycles 3:21 4:41 | Cannot spread fragment "B" within itself via "C"."#,
            ])
    }

    @Test func `a fragment may be spread many times`() {
        checkValidation(
            """
            { dog { ...A ...A ...B } }
            fragment A on Dog { ...B ...C }
            fragment B on Dog { ...C }
            fragment C on Dog { name }
            """, [])
    }

    @Test func `fragments can apply where types overlap`() {
        checkValidation(
            """
            { dog { ... on Dog { name } ... on Pet { name } ... on CatOrDog { __typename } ...
              on Canine { name } }
            pet { ... on Dog { name } ... on CatOrDog { ... on Cat { name } } ... on Being {
              name } }
            catOrDog { ... on Dog { name } ... on Pet { name } ... on DogOrHuman { __typename }
              } }
            """, [])
    }

    @Test func `fragments that can never apply are reported`() {
        checkValidation(
            """
            { dog { ... on Cat { name } ... on Alien { name } ...H }
            pet { ... on Human { name } ... on HumanOrAlien { __typename } ... on Intelligent {
              iq } }
            catOrDog { ...H ... on HumanOrAlien { __typename } } }
            fragment H on Human { name }
            """,
            [
                #"PossibleFragmentSpreads 1:9 | Fragment cannot be spread here as objects of "#
                    + #"type "Dog" can never be of type "Cat"."#,
                #"PossibleFragmentSpreads 1:29 | Fragment cannot be spread here as objects of "#
                    + #"type "Dog" can never be of type "Alien"."#,
                #"PossibleFragmentSpreads 1:51 | Fragment "H" cannot be spread here as "#
                    + #"objects of type "Dog" can never be of type "Human"."#,
                #"PossibleFragmentSpreads 2:7 | Fragment cannot be spread here as objects of "#
                    + #"type "Pet" can never be of type "Human"."#,
                #"PossibleFragmentSpreads 2:29 | Fragment cannot be spread here as objects of "#
                    + #"type "Pet" can never be of type "HumanOrAlien"."#,
                #"PossibleFragmentSpreads 2:64 | Fragment cannot be spread here as objects of "#
                    + #"type "Pet" can never be of type "Intelligent"."#,
                #"PossibleFragmentSpreads 4:12 | Fragment "H" cannot be spread here as "#
                    + #"objects of type "CatOrDog" can never be of type "Human"."#,
                #"PossibleFragmentSpreads 4:17 | Fragment cannot be spread here as objects of "#
                    + #"type "CatOrDog" can never be of type "HumanOrAlien"."#,
            ])
    }
}
