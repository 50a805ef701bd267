import GraphQL
import Testing

/// Expected errors: rule, places, message.
@Suite struct FieldMergingTests {
    @Test func `the same field merges with itself`() {
        checkValidation(
            """
            { dog { name name isAtLocation(x: 1, y: 2) isAtLocation(y: 2, x: 1) x: barks ...F }
              }
            fragment F on Dog { name x: barks }
            """, [])
    }

    @Test func `different fields under one name conflict`() {
        checkValidation(
            """
            { dog { x: name x: nickname } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:9 1:17 | Fields "x" conflict because "name" "#
                    + #"and "nickname" are different fields. Use different aliases on the fields "#
                    + #"to fetch both if this was intentional."#
            ])
    }

    @Test func `different arguments conflict`() {
        checkValidation(
            """
            { dog { isAtLocation(x: 1) isAtLocation(x: 2) } cat { name name(surname: true) }
              human { name(surname: true) name(surname: false) } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:9 1:28 | Fields "isAtLocation" conflict "#
                    + #"because they have differing arguments. Use different aliases on the "#
                    + #"fields to fetch both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 1:55 1:60 | Fields "name" conflict because "#
                    + #"they have differing arguments. Use different aliases on the fields to "#
                    + #"fetch both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 2:11 2:31 | Fields "name" conflict because "#
                    + #"they have differing arguments. Use different aliases on the fields to "#
                    + #"fetch both if this was intentional."#,
            ])
    }

    @Test func `values are compared as written`() {
        checkValidation(
            ##"""
            query Q($v: Boolean) { dog { name(surname: $v) name(surname: $v) } cat {
              name(surname: $v) name(surname: true) } all(s: "a") all(s: """a""") }
            """##,
            [
                #"OverlappingFieldsCanBeMerged 2:43 2:55 | Fields "all" conflict because they "#
                    + #"have differing arguments. Use different aliases on the fields to fetch "#
                    + #"both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 2:3 2:21 | Fields "name" conflict because they "#
                    + #"have differing arguments. Use different aliases on the fields to fetch "#
                    + #"both if this was intentional."#,
            ])
    }

    @Test func `fields of input values may be in any order`() {
        checkValidation(
            """
            { all(c: {requiredField: true, intField: 1}) all(c: {intField: 1, requiredField:
              true}) all(l: [1, 2]) }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:3 2:10 | Fields "all" conflict because they "#
                    + #"have differing arguments. Use different aliases on the fields to fetch "#
                    + #"both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 1:46 2:10 | Fields "all" conflict because they "#
                    + #"have differing arguments. Use different aliases on the fields to fetch "#
                    + #"both if this was intentional."#,
            ])
    }

    @Test func `objects of different types may have different fields under one name`() {
        checkValidation(
            """
            { pet { ... on Dog { x: name y: name(surname: true) } ... on Cat { x: nickname y:
              name } } }
            """, [])
    }

    @Test func `answers under one name have the same shape`() {
        checkValidation(
            """
            { pet { ... on Dog { barkVolume owner { name } friends { name } } ... on Cat {
              barkVolume owner { name } friends { name } } } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:22 2:3 | Fields "barkVolume" conflict "#
                    + #"because they return conflicting types "Int" and "String". Use different "#
                    + #"aliases on the fields to fetch both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 1:33 2:14 | Fields "owner" conflict because "#
                    + #"they return conflicting types "Human" and "Human!". Use different "#
                    + #"aliases on the fields to fetch both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 1:48 2:29 | Fields "friends" conflict because "#
                    + #"they return conflicting types "[Pet!]" and "[Pet]". Use different "#
                    + #"aliases on the fields to fetch both if this was intentional."#,
            ])
    }

    @Test func `subfields of different objects have the same shape`() {
        checkValidation(
            """
            { pet { ... on Dog { o: owner { v: iq } } ... on Cat { o: owner { v: name } } }
              being { ... on Human { x: relatives { y: name } } ... on Dog { x: friends { y:
              __typename } } } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:22 1:56 | Fields "o" conflict because they "#
                    + #"return conflicting types "Human" and "Human!". Use different aliases on "#
                    + #"the fields to fetch both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 2:26 2:66 | Fields "x" conflict because they "#
                    + #"return conflicting types "[Human]!" and "[Pet!]". Use different aliases "#
                    + #"on the fields to fetch both if this was intentional."#,
            ])
    }

    @Test func `interfaces may be any object`() {
        checkValidation(
            """
            { pet { ... on Dog { name } ... on Being { name: __typename } } pet { ... on Pet {
              n: name } ... on Cat { n: nickname } } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:22 1:44 | Fields "name" conflict because "#
                    + #""name" and "__typename" are different fields. Use different aliases on "#
                    + #"the fields to fetch both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 2:3 2:26 | Fields "n" conflict because "name" "#
                    + #"and "nickname" are different fields. Use different aliases on the fields "#
                    + #"to fetch both if this was intentional."#,
            ])
    }

    @Test func `conflicts of subfields are told with the fields around them`() {
        checkValidation(
            """
            { dog { owner { n: name } } dog { owner { n: iq } name } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:3 1:9 1:17 1:29 1:35 1:43 | Fields "dog" "#
                    + #"conflict because subfields "owner" conflict because subfields "n" "#
                    + #"conflict because "name" and "iq" are different fields. Use different "#
                    + #"aliases on the fields to fetch both if this was intentional."#
            ])
    }

    @Test func `several conflicts of subfields are told together`() {
        checkValidation(
            """
            { dog { x: name y: barks } dog { x: nickname y: barkVolume } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:3 1:9 1:17 1:28 1:34 1:46 | Fields "dog" "#
                    + #"conflict because subfields "x" conflict because "name" and "nickname" "#
                    + #"are different fields and subfields "y" conflict because "barks" and "#
                    + #""barkVolume" are different fields. Use different aliases on the fields "#
                    + #"to fetch both if this was intentional."#
            ])
    }

    @Test func `conflicts are told once, in the innermost field that has all`() {
        checkValidation(
            """
            { dog { owner { a: name } owner { a: iq } } dog { owner { iq } } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:9 1:17 1:27 1:35 | Fields "owner" conflict "#
                    + #"because subfields "a" conflict because "name" and "iq" are different "#
                    + #"fields. Use different aliases on the fields to fetch both if this was "#
                    + #"intentional."#
            ])
    }

    @Test func `conflicts with a fragment and between fragments are found`() {
        checkValidation(
            """
            { dog { x: name ...A ...B } }
            fragment A on Dog { x: nickname }
            fragment B on Dog { y: name ...C }
            fragment C on Dog { y: barks x: name }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:9 2:21 | Fields "x" conflict because "name" "#
                    + #"and "nickname" are different fields. Use different aliases on the fields "#
                    + #"to fetch both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 2:21 4:30 | Fields "x" conflict because "#
                    + #""nickname" and "name" are different fields. Use different aliases on the "#
                    + #"fields to fetch both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 3:21 4:21 | Fields "y" conflict because "name" "#
                    + #"and "barks" are different fields. Use different aliases on the fields to "#
                    + #"fetch both if this was intentional."#,
            ])
    }

    @Test func `conflicts deep in fragments are found`() {
        checkValidation(
            """
            { human { ...X } human { ...Y } }
            fragment X on Human { relatives { ...X1 } }
            fragment X1 on Human { z: name }
            fragment Y on Human { relatives { pets { name } z: iq } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:3 2:23 4:49 1:18 4:23 3:24 | Fields "human" "#
                    + #"conflict because subfields "relatives" conflict because subfields "z" "#
                    + #"conflict because "iq" and "name" are different fields. Use different "#
                    + #"aliases on the fields to fetch both if this was intentional."#
            ])
    }

    @Test func `conflicts inside an unused fragment are found`() {
        checkValidation(
            """
            { dog { name } }
            fragment U on Dog { x: name ... on Pet { x: __typename } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 2:21 2:42 | Fields "x" conflict because "name" "#
                    + #"and "__typename" are different fields. Use different aliases on the "#
                    + #"fields to fetch both if this was intentional."#,
                #"NoUnusedFragments 2:1 | Fragment "U" is never used."#,
            ])
    }

    @Test func `cycles and unknown fragments do no harm`() {
        checkValidation(
            """
            { dog { ...A ...Unknown x: name } }
            fragment A on Dog { ...B x: name }
            fragment B on Dog { ...A x: nickname }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:25 3:26 | Fields "x" conflict because "name" "#
                    + #"and "nickname" are different fields. Use different aliases on the fields "#
                    + #"to fetch both if this was intentional."#,
                #"KnownFragmentNames 1:17 | Unknown fragment "Unknown"."#,
                #"NoFragmentCycles 2:21 3:21 | Cannot spread fragment "A" within itself via "B"."#,
                #"OverlappingFieldsCanBeMerged 2:26 3:26 | Fields "x" conflict because "name" "#
                    + #"and "nickname" are different fields. Use different aliases on the fields "#
                    + #"to fetch both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 3:26 2:26 | Fields "x" conflict because "#
                    + #""nickname" and "name" are different fields. Use different aliases on the "#
                    + #"fields to fetch both if this was intentional."#,
            ])
    }

    @Test func `unknown fields and types do no harm`() {
        checkValidation(
            """
            { dog { x: foo x: bar { a } } unknown { x: foo x: bar } ... on Nothing { y: a y: b
              } }
            """,
            [
                #"OverlappingFieldsCanBeMerged 1:74 1:79 | Fields "y" conflict because "a" "#
                    + #"and "b" are different fields. Use different aliases on the fields to "#
                    + #"fetch both if this was intentional."#,
                #"OverlappingFieldsCanBeMerged 1:9 1:16 | Fields "x" conflict because "foo" "#
                    + #"and "bar" are different fields. Use different aliases on the fields to "#
                    + #"fetch both if this was intentional."#,
                #"FieldsOnCorrectType 1:9 | Cannot query field "foo" on type "Dog"."#,
                #"FieldsOnCorrectType 1:16 | Cannot query field "bar" on type "Dog". Did you "#
                    + #"mean "barks"?"#,
                #"FieldsOnCorrectType 1:31 | Cannot query field "unknown" on type "Query"."#,
                #"OverlappingFieldsCanBeMerged 1:41 1:48 | Fields "x" conflict because "foo" "#
                    + #"and "bar" are different fields. Use different aliases on the fields to "#
                    + #"fetch both if this was intentional."#,
                #"KnownTypeNames 1:64 | Unknown type "Nothing". Did you mean "String"?"#,
            ])
    }
}
