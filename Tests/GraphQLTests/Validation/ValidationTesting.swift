import GraphQL
import GraphQLLanguage
import Testing

/// Validates a document and compares all errors, each written `rule line:column … | message`.
func checkValidation(
    _ text: String, _ expected: [String], schema: Schema = validationSchema,
    options: ValidationOptions = ValidationOptions(),
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
    do {
        let document = try parse(Source(text), limits: .file)
        let errors = validate(document, schema: schema, options: options)
        let found = errors.map { error in
            let places = error.locations.map { "\($0.line):\($0.column)" }
            return "\(error.rule) \(places.joined(separator: " ")) | \(error.message)"
        }
        #expect(found == expected, sourceLocation: sourceLocation)
    } catch {
        Issue.record("the document does not parse: \(error)", sourceLocation: sourceLocation)
    }
}

/// A schema that has only queries.
let queriesOnly = makeSchema("type Query { dog: Dog } type Dog { name: String }")

func makeSchema(_ text: String, codecs: ScalarCodecs = [:]) -> Schema {
    do {
        return try buildSchema([try parse(Source(text), limits: .file)], codecs: codecs)
    } catch {
        preconditionFailure("the schema of a test is wrong: \(error)")
    }
}

/// The specification's example of pets and their owners, and a field for each kind of argument.
let validationSchema = makeSchema(
    """
    directive @onQuery on QUERY
    directive @onField(a: Int, req: String! = "x") repeatable on FIELD
    directive @onFrag(n: Int!) on FRAGMENT_SPREAD | INLINE_FRAGMENT | FRAGMENT_DEFINITION
    directive @onVar on VARIABLE_DEFINITION
    scalar Any
    interface Mammal { mother: Mammal father: Mammal }
    interface Pet { name(surname: Boolean): String }
    interface Canine implements Mammal {
      name(surname: Boolean): String mother: Canine father: Canine
    }
    interface Being { name(surname: Boolean): String }
    interface Intelligent { iq: Int }
    type Dog implements Being & Pet & Mammal & Canine {
      name(surname: Boolean): String nickname: String barkVolume: Int barks: Boolean
      doesKnowCommand(dogCommand: DogCommand): Boolean
      isHouseTrained(atOtherHomes: Boolean = true): Boolean
      isAtLocation(x: Int, y: Int): Boolean
      mother: Dog father: Dog owner: Human friends: [Pet!]
    }
    type Cat implements Being & Pet {
      name(surname: Boolean): String nickname: String meows: Boolean meowsVolume: Int
      furColor: FurColor owner: Human! barkVolume: String friends: [Pet]
    }
    union CatOrDog = Cat | Dog
    type Human implements Being & Intelligent {
      name(surname: Boolean): String pets: [Pet] relatives: [Human]! iq: Int
    }
    type Alien implements Being & Intelligent {
      name(surname: Boolean): String numEyes: Int iq: Int
    }
    union DogOrHuman = Dog | Human
    union HumanOrAlien = Human | Alien
    enum DogCommand { SIT HEEL DOWN }
    enum FurColor { BROWN BLACK TAN SPOTTED NO_FUR UNKNOWN }
    input ComplexInput {
      requiredField: Boolean! nonNullField: Boolean! = false intField: Int stringField: String
      booleanField: Boolean stringListField: [String] child: ComplexInput e: DogCommand = SIT
    }
    input OneOf @oneOf { stringField: String intField: Int obj: ComplexInput }
    type ComplicatedArgs {
      nonNullIntArgField(nonNullIntArg: Int!): String
      complexArgField(complexArg: ComplexInput): String
      multipleReqs(req1: Int!, req2: Int!): String
      nonNullFieldWithDefault(arg: Int! = 0): String
      multipleOpts(opt1: Int = 0, opt2: Int = 0): String
      multipleOptAndReq(req1: Int!, req2: Int!, opt1: Int = 0, opt2: Int = 0): String
    }
    type Query {
      human(id: ID): Human
      dog: Dog
      cat: Cat
      pet: Pet
      catOrDog: CatOrDog
      dogOrHuman: DogOrHuman
      humanOrAlien: HumanOrAlien
      complicatedArgs: ComplicatedArgs
      being: Being
      all(
        a: Int, f: Float, s: String, b: Boolean, i: ID, e: DogCommand, c: ComplexInput, l: [Int]
        ll: [[Int]], nn: [Int!]! = [1], o: OneOf, any: Any, d: Int! = 7
      ): String
    }
    type Subscription {
      importantEmails: [String] notImportantEmails: [String] moreImportantEmails: [String]
      spamEmails: [String] newPet: Pet
    }
    type Mutation { setDog(id: ID!): Dog }
    """)
