//! Conditions on the objects of a list: `any item where (brand is "Nike")`, `number of item where ( … ) at least 2`.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::{ConditionIx, EventIx, FieldIx, ItemsTest};

use super::Lowering;
use super::error::ConditionError;
use super::left_out::LeftOut;
use super::scope::{Readable, Scope};
use crate::names::{Kind, NameError};
use crate::problem::Location;

/// A list of objects at a place.
struct List {
    source: ir::Source,
    event: EventIx,
    field: FieldIx,
}

impl Lowering<'_> {
    /// `any item where ( … )`, `every item where ( … )`, `no item where ( … )`.
    pub(super) fn items(&mut self, items: &syntax::Items, scope: Scope) -> Option<ConditionIx> {
        let test = match items.quantifier.value {
            syntax::Quantifier::Any => ItemsTest::Any,
            syntax::Quantifier::Every => ItemsTest::Every,
            syntax::Quantifier::No => ItemsTest::No,
        };
        let list = self.list(&items.element, scope)?;
        let filter = self.condition(&items.filter, scope.item_of(list.event, list.field))?;
        Some(self.tables.is(ir::Atom::Items {
            of: list.source,
            filter,
            test,
        }))
    }

    /// `number of item where ( … ) at least 2`.
    pub(super) fn item_count(
        &mut self,
        count: &syntax::ItemCount,
        comparison: &syntax::Comparison,
        scope: Scope,
    ) -> Option<ConditionIx> {
        let list = self.list(&count.element, scope)?;
        let filter = self.condition(&count.filter, scope.item_of(list.event, list.field));
        let left = Readable {
            source: list.source.clone(),
            kind: ir::Type::WholeNumber,
            optional: false,
            private: None,
            names_template: None,
            names_link: None,
            name: count.element.to_string(),
        };
        let test = self.test(&left, comparison, scope)?;
        Some(self.tables.is(ir::Atom::Items {
            of: list.source,
            filter: filter?,
            test: ItemsTest::Count(test),
        }))
    }

    /// The list whose objects have a name, or a problem.
    fn list(&mut self, path: &syntax::Path, scope: Scope) -> Option<List> {
        if path.is_missing() {
            return None;
        }
        if scope.item_of.is_some() {
            let at = Location::new(scope.file, path.span);
            self.problems.push(LeftOut::ListInList.at(at));
            return None;
        }
        let (event, name) = match (path.single(), scope.fields_of) {
            (Some(name), Some(event)) => (event, name.clone()),
            (Some(name), None) => {
                let at = Location::new(scope.file, name.span);
                let element = name.text.clone();
                self.problems
                    .push(ConditionError::WhoseItem { element }.at(at));
                return None;
            }
            (None, _) => self.list_path(path, scope)?,
        };
        let field = self.list_named(event, &name, scope)?;
        let source = match scope.fields_of {
            Some(own) if own == event => ir::Source::Field(field),
            _ => self.source_of(event, field, path, scope)?,
        };
        Some(List {
            source,
            event,
            field,
        })
    }

    /// `order_placed.item`
    fn list_path(&mut self, path: &syntax::Path, scope: Scope) -> Option<(EventIx, syntax::Name)> {
        let found = self.field_path(path);
        if found.is_none()
            && let Some(owner) = path.first()
            && !self.is_reported(&owner.text, &[Kind::Event])
        {
            let error = self.names.explain(Kind::Event, &owner.text);
            let at = Location::new(scope.file, owner.span);
            self.problems.push(error.at(at));
        }
        found
    }

    fn list_named(&mut self, event: EventIx, name: &syntax::Name, scope: Scope) -> Option<FieldIx> {
        let declared = self.program.schema.events.get(event.at())?;
        let element = |field: &ir::Field| match &field.kind {
            ir::Type::Items(items) => Some(items.element.clone()),
            _ => None,
        };
        let elements: Vec<Option<String>> = declared.fields.iter().map(element).collect();
        let is_wanted = |it: &Option<String>| it.as_ref() == Some(&name.text);
        if let Some(at) = elements.iter().position(is_wanted) {
            return Some(FieldIx(at as u32));
        }
        if !self.incomplete.contains(&declared.name) {
            // Whoever writes the name of the list means one of its objects.
            let list = declared.fields.iter().position(|it| it.name == name.text);
            let meant = list.and_then(|at| elements.get(at)).cloned().flatten();
            let known: Vec<String> = match meant {
                Some(meant) => vec![meant],
                None => elements.into_iter().flatten().collect(),
            };
            let known = known.iter().map(String::as_str);
            let error = NameError::unknown_in(Kind::Field, &name.text, &declared.name, known);
            let at = Location::new(scope.file, name.span);
            self.problems.push(error.at(at));
        }
        None
    }

    /// A field of the objects whose `where ( … )` this is.
    pub(super) fn item_field(
        &mut self,
        event: EventIx,
        list: FieldIx,
        name: &syntax::Name,
        scope: Scope,
    ) -> Option<Readable> {
        let declared = self.program.schema.events.get(event.at())?;
        let ir::Type::Items(items) = &declared.fields.get(list.at())?.kind else {
            return None;
        };
        let position = items.fields.iter().position(|it| it.name == name.text);
        let Some(at) = position else {
            if !name.is_missing() && !self.incomplete.contains(&declared.name) {
                let known = items.fields.iter().map(|it| it.name.as_str());
                let error = NameError::unknown_in(Kind::Field, &name.text, &items.element, known);
                let at = Location::new(scope.file, name.span);
                self.problems.push(error.at(at));
            }
            return None;
        };
        let field = items.fields.get(at)?;
        Some(Readable {
            source: ir::Source::Item(ir::ItemField {
                event,
                list,
                field: FieldIx(at as u32),
            }),
            kind: field.kind.clone(),
            optional: field.optional,
            private: field.private.then(|| field.name.clone()),
            names_template: None,
            names_link: None,
            name: format!("{}.{}", items.element, field.name),
        })
    }
}
