//! What is known about people: contact attributes, events and consents.

use super::{Doc, Duration, Name, Path, Span, Text, Value};

/// `contact { email: email address, optional … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The attributes.
    pub lines: Vec<ContactLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of `contact`.
#[derive(Debug, Clone, PartialEq)]
pub enum ContactLine {
    /// An attribute.
    Field(Field),
    /// A line that could not be read.
    Unknown(Span),
}

/// `event purchase "구매" { total: money in KRW … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Path,
    /// The title people read.
    pub title: Option<Text>,
    /// Fields and settings in written order.
    pub lines: Vec<EventLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum EventLine {
    /// A field of the event.
    Field(Field),
    /// An object, or a list of objects.
    Object(Object),
    /// How late the event may arrive.
    Arrives(Arrives),
    /// A line that could not be read.
    Unknown(Span),
}

/// `payment: { method: one of credit, debit }`, `items: list of item { price: money in KRW }`
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// The name of the field.
    pub name: Name,
    /// What one element is called, for a list.
    pub element: Option<Name>,
    /// What stands in the object.
    pub lines: Vec<ObjectLine>,
    /// The words after the closing brace.
    pub options: Vec<FieldOption>,
    /// From the name to the last option.
    pub span: Span,
}

/// One line of an object.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectLine {
    /// A field of the object.
    Field(Field),
    /// A line that could not be read.
    Unknown(Span),
}

/// `arrives within 10 minutes`
#[derive(Debug, Clone, PartialEq)]
pub struct Arrives {
    /// The declared lateness.
    pub within: Duration,
    /// The line.
    pub span: Span,
}

/// `budget: money in USD, optional`
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The name of the field.
    pub name: Name,
    /// Its type.
    pub kind: FieldType,
    /// The words after the type.
    pub options: Vec<FieldOption>,
    /// From the name to the last option.
    pub span: Span,
}

/// The type of a field or parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldType {
    /// Which type.
    pub kind: FieldTypeKind,
    /// Where it stands.
    pub span: Span,
}

/// The types.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldTypeKind {
    /// `text`
    Text,
    /// `number`
    Number,
    /// `whole number`
    WholeNumber,
    /// `yes or no`
    YesOrNo,
    /// `date`
    Date,
    /// `moment`
    Moment,
    /// `timezone`
    Timezone,
    /// `link`
    Link,
    /// `email address`
    EmailAddress,
    /// `phone number`
    PhoneNumber,
    /// `money`, `money in USD`
    Money(Option<Name>),
    /// `one of 여성, 남성, 기타`, `one of Bronze, Silver, Gold, lowest first`
    OneOf {
        /// The choices in written order.
        choices: Vec<Name>,
        /// Where `lowest first` is written, if it is: the choices can be compared.
        lowest_first: Option<Span>,
    },
    /// `list of one of 비염, 소화`
    ListOf(Box<FieldType>),
    /// `years since birthday`
    YearsSince(Name),
    /// `duration`, for parameters of a sequence
    Duration,
    /// `template`, for parameters of a sequence
    Template,
    /// `offer`, for parameters of a sequence
    Offer,
}

/// A word after the type of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldOption {
    /// Which option.
    pub kind: FieldOptionKind,
    /// Where it stands.
    pub span: Span,
}

/// The options of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldOptionKind {
    /// `optional`: may be missing.
    Optional,
    /// `key`: events with the same value are one event.
    Key,
    /// `private`: may leave the project only where that is declared.
    Private,
    /// `default Asia/Seoul`
    Default(Value),
}

/// `consent marketing "광고성 정보 수신" { for email, sms … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Consent {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The stable name.
    pub name: Name,
    /// The title people read.
    pub title: Option<Text>,
    /// The lines in written order.
    pub lines: Vec<ConsentLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of a consent.
#[derive(Debug, Clone, PartialEq)]
pub enum ConsentLine {
    /// `for email, sms, kakao`
    For(Vec<Name>),
    /// `ask again every 2 years`
    AskAgainEvery(Duration),
    /// A line that could not be read.
    Unknown(Span),
}
