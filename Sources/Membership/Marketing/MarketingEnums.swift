import Engine

extension ConsentPurpose: SchemaEnum {}
extension MembershipStatus: SchemaEnum {}
