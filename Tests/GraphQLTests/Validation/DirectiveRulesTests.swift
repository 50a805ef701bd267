import GraphQL
import Testing

/// Expected errors: rule, places, message.
@Suite struct DirectiveRulesTests {
    @Test func `directives stand where they may`() {
        checkValidation(
            """
            query Q($v: Boolean @onVar) @onQuery { dog @onField { name @skip(if: $v) ...
              @onFrag(n: 1) { barks } ...F @include(if: true) } }
            fragment F on Dog @onFrag(n: 2) { name }
            """,
            [
                #"VariablesInAllowedPosition 1:9 1:70 | Variable "$v" of type "Boolean" used "#
                    + #"in position expecting type "Boolean!"."#
            ])
    }

    @Test func `unknown directives are reported`() {
        checkValidation(
            """
            query Q @who { dog @what { ...F @where } }
            fragment F on Dog @why { name }
            """,
            [
                #"KnownDirectives 1:9 | Unknown directive "@who"."#,
                #"KnownDirectives 1:20 | Unknown directive "@what"."#,
                #"KnownDirectives 1:33 | Unknown directive "@where"."#,
                #"KnownDirectives 2:19 | Unknown directive "@why"."#,
            ])
    }

    @Test func `misplaced directives are reported`() {
        checkValidation(
            """
            query Q($v: Boolean @onQuery) @onField { dog @onQuery { name @onFrag(n: 1) ...
              @onVar { barks } ...F @onField isHouseTrained(atOtherHomes: $v) } }
            fragment F on Dog @skip(if: true) { name }
            subscription @onQuery { importantEmails }
            mutation M @onQuery { setDog(id: 1) { name } }
            """,
            [
                #"KnownDirectives 1:21 | Directive "@onQuery" may not be used on "#
                    + #"VARIABLE_DEFINITION."#,
                #"KnownDirectives 1:31 | Directive "@onField" may not be used on QUERY."#,
                #"KnownDirectives 1:46 | Directive "@onQuery" may not be used on FIELD."#,
                #"KnownDirectives 1:62 | Directive "@onFrag" may not be used on FIELD."#,
                #"KnownDirectives 2:3 | Directive "@onVar" may not be used on INLINE_FRAGMENT."#,
                #"KnownDirectives 2:25 | Directive "@onField" may not be used on FRAGMENT_SPREAD."#,
                #"KnownDirectives 3:19 | Directive "@skip" may not be used on "#
                    + #"FRAGMENT_DEFINITION."#,
                #"LoneAnonymousOperation 4:1 | This anonymous operation must be the only "#
                    + #"defined operation."#,
                #"KnownDirectives 4:14 | Directive "@onQuery" may not be used on SUBSCRIPTION."#,
                #"KnownDirectives 5:12 | Directive "@onQuery" may not be used on MUTATION."#,
            ])
    }

    @Test func `a directive stands once unless it is repeatable`() {
        checkValidation(
            """
            query Q @onQuery @onQuery { dog @onField @onField @skip(if: true) @include(if:
              true) @skip(if: false) @skip(if: true) { name @unknown @unknown ... @onFrag(n: 1)
              @onFrag(n: 2) { barks } } }
            """,
            [
                #"UniqueDirectivesPerLocation 1:9 1:18 | The directive "@onQuery" can only be "#
                    + #"used once at this location."#,
                #"UniqueDirectivesPerLocation 1:51 2:9 | The directive "@skip" can only be "#
                    + #"used once at this location."#,
                #"UniqueDirectivesPerLocation 1:51 2:26 | The directive "@skip" can only be "#
                    + #"used once at this location."#,
                #"KnownDirectives 2:49 | Unknown directive "@unknown"."#,
                #"KnownDirectives 2:58 | Unknown directive "@unknown"."#,
                #"UniqueDirectivesPerLocation 2:71 3:3 | The directive "@onFrag" can only be "#
                    + #"used once at this location."#,
            ])
    }
}
