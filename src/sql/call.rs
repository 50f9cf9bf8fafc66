//! Calls: functions of the table, the forms that the parser knows by themselves, and explicit casts.

use std::sync::Arc;

use sqlparser::ast::{CastKind, DataType, Expr as Tree, Function as Call, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::convert::is_castable;
use super::error::{SqlError, suggestion};
use super::functions::{FUNCTIONS, Function, Output, Parameter};
use super::lower::Lowering;
use super::scalar::per_row;
use super::source::Extent;
use super::typed::{Typed, cast};
use super::types::SqlType;

impl Lowering<'_> {
    /// `NAME(argument, …)`.
    pub(super) fn function(&mut self, call: &Call, depth: usize) -> Result<Typed, SqlError> {
        let parts: Vec<_> = call.name.0.iter().filter_map(|part| part.as_ident()).collect();
        let [name] = parts.as_slice() else {
            return self.refuse_at("a qualified function is not allowed", self.source.whole());
        };
        let named = self.source.token_at(name.span.start);
        let Some(function) = Function::find(&name.value) else {
            return Err(SqlError::UnknownFunction {
                name: name.value.clone(),
                suggestion: suggestion(&name.value.to_uppercase(), FUNCTIONS.iter().flat_map(|f| f.names).copied(), usize::MAX),
                place: self.source.place(named),
            });
        };
        let extent = Extent { first: named.first, last: self.source.closing(named.last + 1) };
        let plain = call.over.is_none() && call.filter.is_none() && call.null_treatment.is_none() && call.within_group.is_empty();
        let FunctionArguments::List(list) = &call.args else {
            return self.refuse_at("a function is called with arguments in parentheses", extent);
        };
        if !plain || list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
            return self.refuse_at("aggregates and window functions are not allowed: an expression sees one row", extent);
        }
        let mut arguments = Vec::with_capacity(list.args.len());
        for argument in &list.args {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(tree)) = argument else {
                return self.refuse_at("named arguments and `*` are not allowed", extent);
            };
            arguments.push(self.expr(tree, depth)?);
        }
        self.apply(function, arguments, extent)
    }

    /// A call that the parser gives a form of its own, like `SUBSTRING(x FROM 2)`.
    pub(super) fn special(&mut self, name: &str, arguments: &[&Tree], depth: usize) -> Result<Typed, SqlError> {
        let arguments = arguments.iter().map(|tree| self.expr(tree, depth)).collect::<Result<Vec<_>, _>>()?;
        let first = arguments.iter().map(|a| a.extent.first).min().unwrap_or(0);
        let open = first.saturating_sub(1);
        let extent = Extent { first: open.saturating_sub(1), last: self.source.closing(open) };
        match Function::find(name) {
            Some(function) => self.apply(function, arguments, extent),
            None => self.refuse_at("this function is not allowed", extent),
        }
    }

    /// `function` applied to arguments that are brought to its parameters' types.
    fn apply(&mut self, function: &Function, arguments: Vec<Typed>, extent: Extent) -> Result<Typed, SqlError> {
        if !function.takes(arguments.len()) {
            let message = format!("wrong number of arguments ({}): write {}", arguments.len(), function.usage);
            return Err(SqlError::WrongArguments { message, place: self.source.place(extent) });
        }
        let untyped = arguments.first().is_some_and(|a| a.ty == SqlType::Untyped);
        let arguments = match function.parameters.first() {
            Some(Parameter::Alike) => self.types.alike(arguments)?,
            Some(Parameter::Comparable) => self.types.comparable(arguments)?,
            Some(Parameter::Ordered) => self.types.ordered(arguments)?,
            _ => {
                let bring = |(idx, part): (usize, Typed)| match function.parameter(idx) {
                    Some(Parameter::Text) => self.types.coerce(part, SqlType::Text),
                    Some(Parameter::Integer) => self.types.coerce(part, SqlType::Integer),
                    Some(Parameter::Number) => self.types.coerce(part, SqlType::Number),
                    Some(Parameter::Numeric) => self.types.numeric(part),
                    Some(Parameter::Written) => self.types.written(part),
                    Some(Parameter::Alike | Parameter::Comparable | Parameter::Ordered) | None => Ok(part),
                };
                arguments.into_iter().enumerate().map(bring).collect::<Result<Vec<_>, _>>()?
            }
        };
        let ty = match function.output {
            Output::Always(ty) => ty,
            // `NULLIF(price, '')` compares as text, yet what is left of the price is still of unknown type.
            Output::First => match arguments.first().map(|a| a.ty) {
                Some(SqlType::Text) if untyped => SqlType::Untyped,
                first => first.unwrap_or(SqlType::Untyped),
            },
        };
        let inputs = arguments.into_iter().map(|a| a.expr).collect();
        Ok(Typed::computed(ty, per_row(inputs, ty, function.nulls, Arc::new(function.row)), extent))
    }

    /// `CAST(x AS type)`, which a row may fail, and `TRY_CAST(x AS type)`, which is null instead.
    pub(super) fn explicit_cast(
        &mut self,
        kind: &CastKind,
        expr: &Tree,
        data_type: &DataType,
        depth: usize,
    ) -> Result<Typed, SqlError> {
        let part = self.expr(expr, depth)?;
        let open = part.extent.first.saturating_sub(1);
        let extent = Extent { first: open.saturating_sub(1), last: self.source.closing(open) };
        let named = Extent { first: part.extent.last + 2, last: extent.last.saturating_sub(1) };
        if !matches!(kind, CastKind::Cast | CastKind::TryCast) {
            return self.refuse_at("this cast is not allowed: write CAST(x AS type)", extent);
        }
        let Some(to) = named_type(data_type) else {
            let types = "only BIGINT, INTEGER, DOUBLE, FLOAT, REAL, TEXT, VARCHAR, BOOLEAN, TIMESTAMP and DATE are types here";
            return self.refuse_at(types, named);
        };
        if !is_castable(part.ty, to) {
            let message = format!("{} cannot be cast to {to}", part.ty);
            return Err(SqlError::TypeMismatch { message, place: self.source.place(extent) });
        }
        if part.constant.is_some() && *kind == CastKind::Cast {
            return Ok(Typed { extent, ..self.types.literal(part, to)? });
        }
        if *kind == CastKind::Cast {
            self.types.record(&part, to);
        }
        Ok(Typed::computed(to, cast(part.expr, to), extent))
    }
}

/// The type that `data_type` names, without a length or a zone.
fn named_type(data_type: &DataType) -> Option<SqlType> {
    Some(match data_type.to_string().to_uppercase().as_str() {
        "BIGINT" | "INTEGER" | "INT" => SqlType::Integer,
        "DOUBLE" | "DOUBLE PRECISION" | "FLOAT" | "REAL" => SqlType::Number,
        "TEXT" | "VARCHAR" | "STRING" => SqlType::Text,
        "BOOLEAN" | "BOOL" => SqlType::Boolean,
        "TIMESTAMP" => SqlType::Timestamp,
        "DATE" => SqlType::Date,
        _ => return None,
    })
}
