import GraphQL
import Testing

/// Expected errors: rule, places, message.
@Suite struct ArgumentRulesTests {
    @Test func `arguments that the field or directive defines are known`() {
        checkValidation(
            """
            { dog { isAtLocation(y: 1, x: 2) @skip(if: true) name(surname: true) } }
            """, [])
    }

    @Test func `an unknown argument is reported`() {
        checkValidation(
            """
            { dog { name(surnam: true) isAtLocation(x: 1, z: 2, w: 3) owner { pets {
              name(unlikely: 1) } } } }
            """,
            [
                #"KnownArgumentNames 1:14 | Unknown argument "surnam" on field "Dog.name". "#
                    + #"Did you mean "surname"?"#,
                #"KnownArgumentNames 1:47 | Unknown argument "z" on field "Dog.isAtLocation". "#
                    + #"Did you mean "x" or "y"?"#,
                #"KnownArgumentNames 1:53 | Unknown argument "w" on field "Dog.isAtLocation". "#
                    + #"Did you mean "x" or "y"?"#,
                #"KnownArgumentNames 2:8 | Unknown argument "unlikely" on field "Pet.name"."#,
            ])
    }

    @Test func `an unknown argument of a directive is reported`() {
        checkValidation(
            """
            { dog @skip(if: true, unless: false) { name @onField(aa: 1) } }
            """,
            [
                #"KnownArgumentNames 1:23 | Unknown argument "unless" on directive "@skip"."#,
                #"KnownArgumentNames 1:54 | Unknown argument "aa" on directive "@onField". "#
                    + #"Did you mean "a"?"#,
            ])
    }

    @Test func `arguments of unknown fields and directives are not looked at`() {
        checkValidation(
            """
            { dog { unknown(a: 1) name @unknown(b: 2) } }
            """,
            [
                #"FieldsOnCorrectType 1:9 | Cannot query field "unknown" on type "Dog"."#,
                #"KnownDirectives 1:28 | Unknown directive "@unknown"."#,
            ])
    }

    @Test func `an argument stands once`() {
        checkValidation(
            """
            { dog { isAtLocation(x: 1, y: 2, x: 3, x: 4, y: 5) name @onField(a: 1, a: 2) } }
            """,
            [
                #"UniqueArgumentNames 1:22 1:34 1:40 | There can be only one argument named "x"."#,
                #"UniqueArgumentNames 1:28 1:46 | There can be only one argument named "y"."#,
                #"UniqueArgumentNames 1:66 1:72 | There can be only one argument named "a"."#,
            ])
    }

    @Test func `required arguments are given`() {
        checkValidation(
            """
            { complicatedArgs { multipleReqs(req1: 1, req2: 2) multipleOptAndReq(req1: 1, req2:
              2, opt1: 3) nonNullFieldWithDefault multipleOpts } }
            """, [])
    }

    @Test func `a missing required argument is reported`() {
        checkValidation(
            """
            { complicatedArgs { multipleReqs(req2: 1) multipleOptAndReq
              nonNullIntArgField(nonNullIntArg: null) } dog @include { name @onFrag } __type {
              name } }
            """,
            [
                #"ProvidedRequiredArguments 1:21 | Argument "#
                    + #""ComplicatedArgs.multipleReqs(req1:)" of type "Int!" is required, but it "#
                    + #"was not provided."#,
                #"ProvidedRequiredArguments 1:43 | Argument "#
                    + #""ComplicatedArgs.multipleOptAndReq(req1:)" of type "Int!" is required, "#
                    + #"but it was not provided."#,
                #"ProvidedRequiredArguments 1:43 | Argument "#
                    + #""ComplicatedArgs.multipleOptAndReq(req2:)" of type "Int!" is required, "#
                    + #"but it was not provided."#,
                #"ValuesOfCorrectType 2:37 | Expected value of non-null type "Int!" not to be "#
                    + #"null."#,
                #"ProvidedRequiredArguments 2:49 | Argument "@include(if:)" of type "#
                    + #""Boolean!" is required, but it was not provided."#,
                #"KnownDirectives 2:65 | Directive "@onFrag" may not be used on FIELD."#,
                #"ProvidedRequiredArguments 2:65 | Argument "@onFrag(n:)" of type "Int!" is "#
                    + #"required, but it was not provided."#,
                #"ProvidedRequiredArguments 2:75 | Argument "<meta>.__type(name:)" of type "#
                    + #""String!" is required, but it was not provided."#,
            ])
    }
}
