//! Columns of Arrow whose rows are mappings from text to text: for `metadata`.

use super::arrow::Chunks;
use super::column::Source;
use super::values::Values;
use crate::batch::Column;
use crate::operation::Field;
use crate::presign::Target;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use std::sync::Arc;

/// The columns of arrays of maps, or of structs; none where their values are no text.
pub(super) fn read(
    field: &'static Field,
    target: &Target,
    data_type: &DataType,
    arrays: &[ArrayRef],
) -> Option<Source> {
    let mut values = Values::new(field, target, 0);
    for array in arrays {
        match data_type {
            DataType::Map(..) => push_maps(&mut values, array)?,
            DataType::Struct(_) => push_structs(&mut values, array)?,
            DataType::Null => (0..array.len()).for_each(|_| values.push_pairs([].into_iter())),
            _ => return None,
        }
    }
    Some(values.finish().into())
}

fn push_maps(values: &mut Values<'_>, array: &ArrayRef) -> Option<()> {
    let maps = array.as_map();
    let text = |array: &ArrayRef| Chunks::of(array.data_type(), &[Arc::clone(array)]);
    let (names, texts) = (text(maps.keys())?, text(maps.values())?);
    for (row, ends) in maps.offsets().windows(2).enumerate() {
        let valid = maps.is_valid(row);
        let entries = (ends[0] as usize..ends[1] as usize).filter(|_| valid);
        values.push_pairs(entries.filter_map(|at| Some((names.get(at)?, texts.get(at)))));
    }
    Some(())
}

fn push_structs(values: &mut Values<'_>, array: &ArrayRef) -> Option<()> {
    let structs = array.as_struct();
    let columns = structs.columns().iter();
    let columns = columns.map(|column| Chunks::of(column.data_type(), &[Arc::clone(column)]));
    let columns = columns.collect::<Option<Vec<_>>>()?;
    for row in 0..structs.len() {
        let entries = structs.fields().iter().zip(&columns).filter(|_| structs.is_valid(row));
        values.push_pairs(entries.map(|(field, column)| (field.name().as_str(), column.get(row))));
    }
    Some(())
}
