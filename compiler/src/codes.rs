//! The registry of diagnostics: code, name, severity and one line each. Codes are never reused.
//!
//! J00 syntax · J01 names, types, literals, settings · J02 logic · J03 data, templates, dates · J04 across journeys ·
//! J05 one journey's behaviour · J06 consent and compliance · J07 versions · J08 state · J09 tests.

use crate::problem::Severity;

/// One kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The stable code: `J0102`.
    pub code: &'static str,
    /// The stable name, and the name of its page: `unknown-name`.
    pub name: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in one line.
    pub about: &'static str,
}

macro_rules! codes {
    ($($constant:ident = $code:literal $name:literal $severity:ident $about:literal;)*) => {
        $(
            #[doc = $about]
            pub(crate) const $constant: Code = Code {
                code: $code,
                name: $name,
                severity: Severity::$severity,
                about: $about,
            };
        )*

        /// Every kind of problem, in the order of the codes.
        pub const ALL: &[Code] = &[$($constant),*];
    };
}

codes! {
    UNKNOWN_NAME = "J0102" "unknown-name" Error "a name that nothing in the project has";
    NOT_SUPPORTED_YET = "J0110" "not-supported-yet" Error "something the language has and this compiler cannot run yet";
    BARE_PARTICLE = "J0309" "bare-particle" Info "a Korean particle straight after a variable";
}

/// The kind of problem with this code or name.
pub fn find(code_or_name: &str) -> Option<Code> {
    ALL.iter()
        .find(|it| it.code.eq_ignore_ascii_case(code_or_name) || it.name == code_or_name)
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_names_are_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].code < pair[1].code));
        let mut names: Vec<_> = ALL.iter().map(|it| it.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
