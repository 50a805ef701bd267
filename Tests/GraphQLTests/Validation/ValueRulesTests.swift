import GraphQL
import Testing

/// Expected errors: rule, places, message.
@Suite struct ValueRulesTests {
    @Test func `values of the right type are taken`() {
        checkValidation(
            """
            { all(a: -1, f: 1.5, s: "x", b: true, i: 4, e: SIT, c: {requiredField: true, child:
              {requiredField: false}}, l: [1, null], ll: [[1], 2], nn: [1], o: {stringField:
              "x"}, any: {a: [X, 1.5, "s"]}, d: 2)
             a2: all(a: null, f: 1, i: "x", l: 3, ll: 4, c: null, any: X) }
            """, [])
    }

    @Test func `a variable of any type may stand inside a custom scalar without a codec`() {
        checkValidation("query ($x: Int) { all(any: {a: [$x]}) b: all(any: [$x, 1]) }", [])
        checkValidation(
            "{ all(any: {a: [$x]}) }",
            [#"NoUndefinedVariables 1:17 1:1 | Variable "$x" is not defined."#])
    }

    @Test func `Int takes no other numbers, strings or names`() {
        checkValidation(
            """
            { all(a: 1.0) b: all(a: "1") c: all(a: 2147483648) d: all(a: -2147483649) e: all(a:
              X) f: all(a: [1]) g: all(a: {x: 1}) h: all(a: 2147483647) }
            """,
            [
                #"ValuesOfCorrectType 1:10 | Int cannot represent non-integer value: 1.0"#,
                #"ValuesOfCorrectType 1:25 | Int cannot represent non-integer value: "1""#,
                #"ValuesOfCorrectType 1:40 | Int cannot represent non 32-bit signed integer "#
                    + #"value: 2147483648"#,
                #"ValuesOfCorrectType 1:62 | Int cannot represent non 32-bit signed integer "#
                    + #"value: -2147483649"#,
                #"ValuesOfCorrectType 2:3 | Int cannot represent non-integer value: X"#,
                #"ValuesOfCorrectType 2:16 | Int cannot represent non-integer value: [1]"#,
                #"ValuesOfCorrectType 2:31 | Int cannot represent non-integer value: { x: 1 }"#,
            ])
    }

    @Test func `Float takes no strings and names`() {
        checkValidation(
            """
            { all(f: "1") b: all(f: true) c: all(f: X) }
            """,
            [
                #"ValuesOfCorrectType 1:10 | Float cannot represent non numeric value: "1""#,
                #"ValuesOfCorrectType 1:25 | Float cannot represent non numeric value: true"#,
                #"ValuesOfCorrectType 1:41 | Float cannot represent non numeric value: X"#,
            ])
    }

    @Test func `String and Boolean take nothing else`() {
        checkValidation(
            """
            { all(s: 1) b: all(s: true) c: all(s: X) d: all(b: 1) e: all(b: "true") f: all(b:
              TRUE) }
            """,
            [
                #"ValuesOfCorrectType 1:10 | String cannot represent a non string value: 1"#,
                #"ValuesOfCorrectType 1:23 | String cannot represent a non string value: true"#,
                #"ValuesOfCorrectType 1:39 | String cannot represent a non string value: X"#,
                #"ValuesOfCorrectType 1:52 | Boolean cannot represent a non boolean value: 1"#,
                #"ValuesOfCorrectType 1:65 | Boolean cannot represent a non boolean value: "true""#,
                #"ValuesOfCorrectType 2:3 | Boolean cannot represent a non boolean value: TRUE"#,
            ])
    }

    @Test func `ID takes strings and integers`() {
        checkValidation(
            """
            { all(i: "x") b: all(i: 123456789012345678901234567890) c: all(i: 1.0) d: all(i:
              true) e: all(i: X) }
            """,
            [
                #"ValuesOfCorrectType 1:67 | ID cannot represent a non-string and non-integer "#
                    + #"value: 1.0"#,
                #"ValuesOfCorrectType 2:3 | ID cannot represent a non-string and non-integer "#
                    + #"value: true"#,
                #"ValuesOfCorrectType 2:19 | ID cannot represent a non-string and non-integer "#
                    + #"value: X"#,
            ])
    }

    @Test func `enums take the names of their values`() {
        checkValidation(
            """
            { all(e: DOWN) b: all(e: "SIT") c: all(e: sit) d: all(e: 1) e: all(e: FETCH) f:
              all(e: [SIT]) }
            """,
            [
                #"ValuesOfCorrectType 1:26 | Enum "DogCommand" cannot represent non-enum "#
                    + #"value: "SIT". Did you mean the enum value "SIT"?"#,
                #"ValuesOfCorrectType 1:43 | Value "sit" does not exist in "DogCommand" enum. "#
                    + #"Did you mean the enum value "SIT"?"#,
                #"ValuesOfCorrectType 1:58 | Enum "DogCommand" cannot represent non-enum "#
                    + #"value: 1."#,
                #"ValuesOfCorrectType 1:71 | Value "FETCH" does not exist in "DogCommand" enum."#,
                #"ValuesOfCorrectType 2:10 | Enum "DogCommand" cannot represent non-enum "#
                    + #"value: [SIT]. Did you mean the enum value "SIT"?"#,
            ])
    }

    @Test func `lists are checked item by item`() {
        checkValidation(
            """
            { all(l: [1, "2", 3.5, [4]]) b: all(nn: [1, null]) c: all(nn: null) d: all(ll: [[1,
              "x"], "y"]) }
            """,
            [
                #"ValuesOfCorrectType 1:14 | Int cannot represent non-integer value: "2""#,
                #"ValuesOfCorrectType 1:19 | Int cannot represent non-integer value: 3.5"#,
                #"ValuesOfCorrectType 1:24 | Int cannot represent non-integer value: [4]"#,
                #"ValuesOfCorrectType 1:45 | Expected value of non-null type "Int!" not to be "#
                    + #"null."#,
                #"ValuesOfCorrectType 1:63 | Expected value of non-null type "[Int!]!" not to "#
                    + #"be null."#,
                #"ValuesOfCorrectType 2:3 | Int cannot represent non-integer value: "x""#,
                #"ValuesOfCorrectType 2:9 | Int cannot represent non-integer value: "y""#,
            ])
    }

    @Test func `input objects have their required fields and no others`() {
        checkValidation(
            """
            { all(c: {}) b: all(c: {requiredField: null}) c: all(c: {requiredField: true,
              intFiel: 1, unlikely: 2}) d: all(c: 5) e: all(c: {requiredField: true, child:
              {intField: "x"}, stringListField: ["a", 1], nonNullField: null}) }
            """,
            [
                #"ValuesOfCorrectType 1:10 | Expected value of type "ComplexInput" to include "#
                    + #"required field "requiredField", found: {}."#,
                #"ValuesOfCorrectType 1:40 | Expected value of non-null type "Boolean!" not "#
                    + #"to be null."#,
                #"ValuesOfCorrectType 2:3 | Expected value of type "ComplexInput" not to "#
                    + #"include unknown field "intFiel". Did you mean "intField"? Found: { "#
                    + #"requiredField: true, intFiel: 1, unlikely: 2 }."#,
                #"ValuesOfCorrectType 2:15 | Expected value of type "ComplexInput" not to "#
                    + #"include unknown field "unlikely", found: { requiredField: true, intFiel: "#
                    + #"1, unlikely: 2 }."#,
                #"ValuesOfCorrectType 2:39 | Expected value of type "ComplexInput" to be an "#
                    + #"object, found: 5."#,
                #"ValuesOfCorrectType 3:61 | Expected value of non-null type "Boolean!" not "#
                    + #"to be null."#,
                #"ValuesOfCorrectType 3:43 | String cannot represent a non string value: 1"#,
                #"ValuesOfCorrectType 3:3 | Expected value of type "ComplexInput" to include "#
                    + #"required field "requiredField", found: { intField: "x" }."#,
                #"ValuesOfCorrectType 3:14 | Int cannot represent non-integer value: "x""#,
            ])
    }

    @Test func `exactly one field of a OneOf input object is given and not null`() {
        checkValidation(
            """
            query Q($s: String!) { all(o: {intField: 1}) b: all(o: {}) c: all(o: {intField: 1,
              stringField: "x"}) d: all(o: {intField: null}) e: all(o: {stringField: $s}) f:
              all(o: {unknown: 1}) }
            """,
            [
                #"ValuesOfCorrectType 1:56 | Within OneOf Input Object type "OneOf", exactly "#
                    + #"one field must be specified, and the value for that field must be "#
                    + #"non-null."#,
                #"ValuesOfCorrectType 1:70 | Within OneOf Input Object type "OneOf", exactly "#
                    + #"one field must be specified, and the value for that field must be "#
                    + #"non-null."#,
                #"ValuesOfCorrectType 2:32 | Within OneOf Input Object type "OneOf", exactly "#
                    + #"one field must be specified, and the value for that field must be "#
                    + #"non-null."#,
                #"ValuesOfCorrectType 3:11 | Expected value of type "OneOf" not to include "#
                    + #"unknown field "unknown", found: { unknown: 1 }."#,
                #"ValuesOfCorrectType 3:10 | Within OneOf Input Object type "OneOf", exactly "#
                    + #"one field must be specified, and the value for that field must be "#
                    + #"non-null."#,
            ])
    }

    @Test func `a field of an input object stands once`() {
        checkValidation(
            """
            { all(c: {requiredField: true, requiredField: false, child: {requiredField: true,
              intField: 1, intField: 2, intField: 3}}) b: all(any: [{a: 1, a: {b: 1, b: 2}}]) }
            """,
            [
                #"UniqueInputFieldNames 1:11 1:32 | There can be only one input field named "#
                    + #""requiredField"."#,
                #"UniqueInputFieldNames 2:3 2:16 | There can be only one input field named "#
                    + #""intField"."#,
                #"UniqueInputFieldNames 2:3 2:29 | There can be only one input field named "#
                    + #""intField"."#,
                #"UniqueInputFieldNames 2:58 2:64 | There can be only one input field named "a"."#,
                #"UniqueInputFieldNames 2:68 2:74 | There can be only one input field named "b"."#,
            ])
    }

    @Test func `defaults of variables are checked`() {
        checkValidation(
            """
            query Q($a: Int = "x", $b: ComplexInput = {requiredField: 1}, $c: Int! = null, $d:
              [Int] = 3) { all(a: $a, c: $b, d: $c, l: $d) }
            """,
            [
                #"ValuesOfCorrectType 1:19 | Int cannot represent non-integer value: "x""#,
                #"ValuesOfCorrectType 1:59 | Boolean cannot represent a non boolean value: 1"#,
                #"ValuesOfCorrectType 1:74 | Expected value of non-null type "Int!" not to be "#
                    + #"null."#,
            ])
    }

    @Test func `arguments of directives are checked`() {
        checkValidation(
            """
            { dog @skip(if: "yes") { name @onField(a: 1.5, req: null) } }
            """,
            [
                #"ValuesOfCorrectType 1:17 | Boolean cannot represent a non boolean value: "yes""#,
                #"ValuesOfCorrectType 1:43 | Int cannot represent non-integer value: 1.5"#,
                #"ValuesOfCorrectType 1:53 | Expected value of non-null type "String!" not to "#
                    + #"be null."#,
            ])
    }
}
