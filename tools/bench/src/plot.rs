//! The plots of docs/PERFORMANCE.md, as SVG.

use std::{fs, ops::Range, path::PathBuf};

use plotters::{
    coord::{Shift, ranged1d::ValueFormatter, types::RangedCoordf64},
    prelude::*,
};

use crate::workload::root;

const OURS: RGBColor = RGBColor(0x1f, 0x6f, 0xb4);
const OTHERS: RGBColor = RGBColor(0x9a, 0xa5, 0xb1);
const FONT: &str = "sans-serif";
const WIDTH: u32 = 760;
const BAR: u32 = 30;

/// One bar.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) value: f64,
    pub(crate) ours: bool,
}

/// Bars beside their names, on a scale of powers of ten.
pub(crate) fn bars(name: &str, title: &str, unit: &str, bars: &[Bar]) {
    let path = path(name);
    let height = 60 + BAR * bars.len() as u32;
    let area = SVGBackend::new(&path, (WIDTH, height)).into_drawing_area();
    draw_bars(&area, title, unit, bars).expect("a plot");
    area.present().expect("a file");
    println!("{}", path.display());
}

fn draw_bars<D: DrawingBackend>(
    area: &DrawingArea<D, Shift>,
    title: &str,
    unit: &str,
    bars: &[Bar],
) -> Result<(), DrawingAreaErrorKind<D::ErrorType>> {
    const NAMES: i32 = 250;
    const ROOM: f64 = WIDTH as f64 - NAMES as f64 - 110.0;
    area.fill(&WHITE)?;
    area.draw(&Text::new(format!("{title} ({unit}, logarithmic)"), (12, 14), (FONT, 17).into_font()))?;
    let least = bars.iter().map(|bar| bar.value).fold(f64::INFINITY, f64::min) / 2.0;
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    for (nth, bar) in bars.iter().enumerate() {
        let top = 48 + (BAR * nth as u32) as i32;
        let length = ((bar.value / least).ln() / (most / least).ln() * ROOM) as i32;
        let colour = if bar.ours { OURS } else { OTHERS };
        let ends = [(NAMES, top), (NAMES + length, top + BAR as i32 - 8)];
        area.draw(&Rectangle::new(ends, colour.filled()))?;
        area.draw(&Text::new(bar.label.clone(), (12, top + 4), (FONT, 14).into_font()))?;
        let shown = if bar.value < 10.0 { format!("{:.2}", bar.value) } else { format!("{:.0}", bar.value) };
        area.draw(&Text::new(shown, (NAMES + length + 8, top + 4), (FONT, 14).into_font()))?;
    }
    Ok(())
}

/// A line through points, from zero up.
pub(crate) fn line(name: &str, title: &str, (x, y): (&str, &str), points: &[(f64, f64)]) {
    let most = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(0.0, f64::max) * 1.1;
    let (across, up): (RangedCoordf64, RangedCoordf64) =
        ((0.0..most(|point| point.0)).into(), (0.0..most(|point| point.1)).into());
    draw_lines(name, title, (x, y), across, up, &[("", points.to_vec())]);
}

/// A line for each of several, with powers of ten across.
pub(crate) fn lines(name: &str, title: &str, (x, y): (&str, &str), of: &[(&str, Vec<(f64, f64)>)]) {
    let all = || of.iter().flat_map(|(_, points)| points);
    let across: Range<f64> = all().map(|point| point.0).fold(f64::INFINITY, f64::min)
        ..all().map(|point| point.0).fold(0.0, f64::max);
    let up: RangedCoordf64 = (0.0..all().map(|point| point.1).fold(0.0, f64::max) * 1.4).into();
    draw_lines(name, title, (x, y), across.log_scale(), up, of);
}

fn draw_lines<X>(
    name: &str,
    title: &str,
    (x, y): (&str, &str),
    across: impl plotters::coord::ranged1d::AsRangedCoord<CoordDescType = X, Value = f64>,
    up: RangedCoordf64,
    of: &[(&str, Vec<(f64, f64)>)],
) where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let path = path(name);
    let area = SVGBackend::new(&path, (WIDTH, 340)).into_drawing_area();
    area.fill(&WHITE).expect("a plot");
    let mut chart = ChartBuilder::on(&area)
        .caption(title, (FONT, 17))
        .margin(12)
        .margin_right(36)
        .x_label_area_size(42)
        .y_label_area_size(54)
        .build_cartesian_2d(across, up)
        .expect("a chart");
    let plain = |value: &f64| value.to_string();
    let mut mesh = chart.configure_mesh();
    mesh.x_desc(x).y_desc(y).x_label_formatter(&plain).light_line_style(WHITE);
    mesh.draw().expect("a plot");
    for ((label, points), colour) in of.iter().zip([OURS, OTHERS]) {
        let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(3);
        let line = chart.draw_series(line).expect("a plot");
        if !label.is_empty() {
            line.label(*label)
                .legend(move |(x, y)| Rectangle::new([(x, y - 4), (x + 14, y + 4)], colour.filled()));
        }
    }
    if of.len() > 1 {
        chart.configure_series_labels().background_style(WHITE).border_style(OTHERS).draw().expect("a plot");
    }
    area.present().expect("a file");
    println!("{}", path.display());
}

fn path(name: &str) -> PathBuf {
    let directory = root().join("docs/performance");
    fs::create_dir_all(&directory).expect("a directory");
    directory.join(format!("{name}.svg"))
}
