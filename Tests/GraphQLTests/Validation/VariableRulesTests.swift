import GraphQL
import Testing

/// Expected errors: rule, places, message.
@Suite struct VariableRulesTests {
    @Test func `variable names are unique`() {
        checkValidation(
            """
            query Q($a: Int, $b: Int, $a: String, $b: Int) { dog { isAtLocation(x: $a, y: $b) }
              }
            """,
            [
                #"UniqueVariableNames 1:10 1:28 | There can be only one variable named "$a"."#,
                #"UniqueVariableNames 1:19 1:40 | There can be only one variable named "$b"."#,
                #"VariablesInAllowedPosition 1:27 1:72 | Variable "$a" of type "String" used "#
                    + #"in position expecting type "Int"."#,
            ])
    }

    @Test func `variables have input types`() {
        checkValidation(
            """
            query Q($a: Dog, $b: [[CatOrDog!]]!, $c: Pet, $d: ComplexInput, $e: [DogCommand!])
              { all(a: $a, l: $b, c: $d, e: $c, any: $e) }
            """,
            [
                #"VariablesAreInputTypes 1:13 | Variable "$a" cannot be non-input type "Dog"."#,
                #"VariablesAreInputTypes 1:22 | Variable "$b" cannot be non-input type "#
                    + #""[[CatOrDog!]]!"."#,
                #"VariablesAreInputTypes 1:42 | Variable "$c" cannot be non-input type "Pet"."#,
                #"VariablesInAllowedPosition 1:9 2:12 | Variable "$a" of type "Dog" used in "#
                    + #"position expecting type "Int"."#,
                #"VariablesInAllowedPosition 1:18 2:19 | Variable "$b" of type "#
                    + #""[[CatOrDog!]]!" used in position expecting type "[Int]"."#,
                #"VariablesInAllowedPosition 1:38 2:33 | Variable "$c" of type "Pet" used in "#
                    + #"position expecting type "DogCommand"."#,
                #"VariablesInAllowedPosition 1:65 2:42 | Variable "$e" of type "#
                    + #""[DogCommand!]" used in position expecting type "Any"."#,
            ])
    }

    @Test func `used variables are defined`() {
        checkValidation(
            """
            query Q($a: Int) { dog { isAtLocation(x: $a, y: $b) ...F } }
            query R { dog { ...F } }
             fragment F on Dog { isAtLocation(x: $c) ...G }
            fragment G on Dog { isAtLocation(x: $a, y: $b) }
            """,
            [
                #"NoUndefinedVariables 1:49 1:1 | Variable "$b" is not defined by operation "Q"."#,
                #"NoUndefinedVariables 3:38 1:1 | Variable "$c" is not defined by operation "Q"."#,
                #"NoUndefinedVariables 4:44 1:1 | Variable "$b" is not defined by operation "Q"."#,
                #"OverlappingFieldsCanBeMerged 1:26 3:22 | Fields "isAtLocation" conflict "#
                    + #"because they have differing arguments. Use different aliases on the "#
                    + #"fields to fetch both if this was intentional."#,
                #"NoUndefinedVariables 3:38 2:1 | Variable "$c" is not defined by operation "R"."#,
                #"NoUndefinedVariables 4:37 2:1 | Variable "$a" is not defined by operation "R"."#,
                #"NoUndefinedVariables 4:44 2:1 | Variable "$b" is not defined by operation "R"."#,
                #"OverlappingFieldsCanBeMerged 3:22 4:21 | Fields "isAtLocation" conflict "#
                    + #"because they have differing arguments. Use different aliases on the "#
                    + #"fields to fetch both if this was intentional."#,
            ])
    }

    @Test func `an anonymous operation uses defined variables`() {
        checkValidation(
            """
            { dog { isAtLocation(x: $a) name @skip(if: $b) } complicatedArgs {
              complexArgField(complexArg: {requiredField: $c, stringListField: [$d]}) } }
            """,
            [
                #"NoUndefinedVariables 1:25 1:1 | Variable "$a" is not defined."#,
                #"NoUndefinedVariables 1:44 1:1 | Variable "$b" is not defined."#,
                #"NoUndefinedVariables 2:47 1:1 | Variable "$c" is not defined."#,
                #"NoUndefinedVariables 2:69 1:1 | Variable "$d" is not defined."#,
            ])
    }

    @Test func `defined variables are used`() {
        checkValidation(
            """
            query Q($a: Int, $b: Int, $c: Int) { dog { isAtLocation(x: $a) ...F } }
            fragment F on Dog { isAtLocation(x: $c) }
            fragment G on Dog { isAtLocation(x: $b) }
            """,
            [
                #"NoUnusedVariables 1:18 | Variable "$b" is never used in operation "Q"."#,
                #"OverlappingFieldsCanBeMerged 1:44 2:21 | Fields "isAtLocation" conflict "#
                    + #"because they have differing arguments. Use different aliases on the "#
                    + #"fields to fetch both if this was intentional."#,
                #"NoUnusedFragments 3:1 | Fragment "G" is never used."#,
            ])
    }

    @Test func `an anonymous operation uses its variables`() {
        checkValidation(
            """
            query ($a: Int, $b: Boolean!) { dog @skip(if: $b) { name } }
            """,
            [
                #"NoUnusedVariables 1:8 | Variable "$a" is never used."#
            ])
    }

    @Test func `variables fit their places`() {
        checkValidation(
            """
            query Q($a: Int, $b: Int!, $c: [Int], $d: [Int!]!, $e: Int = 3, $f: Boolean!, $g:
              String!) { all(a: $b, l: $d, nn: $d, d: $e) b: all(d: $a, ll: [$c, [$a]], any:
              $a, c: {requiredField: $f}, o: {stringField: $g}) }
            """,
            [
                #"VariablesInAllowedPosition 1:9 3:3 | Variable "$a" of type "Int" used in "#
                    + #"position expecting type "Any"."#
            ])
    }

    @Test func `variables that do not fit are reported`() {
        checkValidation(
            """
            query Q($a: Int, $s: String, $l: [Int], $n: Int = null, $b: Boolean) { all(a: $s,
              nn: $l, l: $a) b: all(nn: [$a], c: {requiredField: $b, nonNullField: $b,
              stringListField: [$a]}) c: complicatedArgs { nonNullIntArgField(nonNullIntArg:
              $n) } }
            """,
            [
                #"VariablesInAllowedPosition 1:18 1:79 | Variable "$s" of type "String" used "#
                    + #"in position expecting type "Int"."#,
                #"VariablesInAllowedPosition 1:30 2:7 | Variable "$l" of type "[Int]" used in "#
                    + #"position expecting type "[Int!]!"."#,
                #"VariablesInAllowedPosition 1:9 2:14 | Variable "$a" of type "Int" used in "#
                    + #"position expecting type "[Int]"."#,
                #"VariablesInAllowedPosition 1:9 2:30 | Variable "$a" of type "Int" used in "#
                    + #"position expecting type "Int!"."#,
                #"VariablesInAllowedPosition 1:57 2:54 | Variable "$b" of type "Boolean" used "#
                    + #"in position expecting type "Boolean!"."#,
                #"VariablesInAllowedPosition 1:9 3:21 | Variable "$a" of type "Int" used in "#
                    + #"position expecting type "String"."#,
                #"VariablesInAllowedPosition 1:41 4:3 | Variable "$n" of type "Int" used in "#
                    + #"position expecting type "Int!"."#,
            ])
    }

    @Test func `variables that do not fit are reported in fragments, for each operation`() {
        checkValidation(
            """
            query Q($a: Int) { dog { ...F } }
            query R($a: String!) { dog { ...F } }
            query S($a: Boolean) { dog { ...F @include(if: $a) } }
            fragment F on Dog { isAtLocation(x: $a) ... @skip(if: $a) { name } }
            """,
            [
                #"VariablesInAllowedPosition 1:9 4:55 | Variable "$a" of type "Int" used in "#
                    + #"position expecting type "Boolean!"."#,
                #"VariablesInAllowedPosition 2:9 4:37 | Variable "$a" of type "String!" used "#
                    + #"in position expecting type "Int"."#,
                #"VariablesInAllowedPosition 2:9 4:55 | Variable "$a" of type "String!" used "#
                    + #"in position expecting type "Boolean!"."#,
                #"VariablesInAllowedPosition 3:9 3:48 | Variable "$a" of type "Boolean" used "#
                    + #"in position expecting type "Boolean!"."#,
                #"VariablesInAllowedPosition 3:9 4:37 | Variable "$a" of type "Boolean" used "#
                    + #"in position expecting type "Int"."#,
                #"VariablesInAllowedPosition 3:9 4:55 | Variable "$a" of type "Boolean" used "#
                    + #"in position expecting type "Boolean!"."#,
            ])
    }

    @Test func `a variable in a OneOf input object is non-null`() {
        checkValidation(
            """
            query Q($a: String, $b: String!, $c: String = "x") { all(o: {stringField: $a}) b:
              all(o: {stringField: $b}) c: all(o: {stringField: $c}) }
            """,
            [
                #"VariablesInAllowedPosition 1:9 1:75 | Variable "$a" is of type "String" but "#
                    + #"must be non-nullable to be used for OneOf Input Object "OneOf"."#,
                #"VariablesInAllowedPosition 1:34 2:53 | Variable "$c" is of type "String" "#
                    + #"but must be non-nullable to be used for OneOf Input Object "OneOf"."#,
            ])
    }
}
