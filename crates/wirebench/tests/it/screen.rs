//! A minimal terminal emulator: it shows the lines that stand on a terminal after a program has
//! redrawn them again and again.

/// A screen with a fixed number of columns.
#[derive(Debug)]
pub(crate) struct Screen {
    columns: usize,
    rows: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

impl Screen {
    /// Returns the screen after `bytes`.
    pub(crate) fn after(bytes: &[u8], columns: usize) -> Self {
        let mut screen = Self {
            columns,
            rows: vec![Vec::new()],
            row: 0,
            column: 0,
        };
        let text = String::from_utf8_lossy(bytes);
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            if letter == '\u{1b}' && letters.peek() == Some(&'[') {
                letters.next();
                let mut number = String::new();
                let end = letters.by_ref().find(|one| {
                    let is_end = one.is_ascii_alphabetic();
                    if !is_end {
                        number.push(*one);
                    }
                    is_end
                });
                screen.control(end, number.parse().ok());
            } else {
                screen.write(letter);
            }
        }
        screen
    }

    /// Returns the lines, from the top.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = self.rows.iter().map(|row| row.iter().collect::<String>());
        lines.map(|line| line.trim_end().to_owned()).collect()
    }

    fn control(&mut self, end: Option<char>, number: Option<usize>) {
        match end {
            Some('A') => self.row = self.row.saturating_sub(number.unwrap_or(1)),
            Some('B') => self.row += number.unwrap_or(1),
            Some('K') if number == Some(2) => self.line().clear(),
            Some('K') => {
                let column = self.column;
                self.line().truncate(column);
            }
            // Colours, and whatever else moves nothing.
            _ => {}
        }
    }

    fn line(&mut self) -> &mut Vec<char> {
        while self.rows.len() <= self.row {
            self.rows.push(Vec::new());
        }
        &mut self.rows[self.row]
    }

    fn write(&mut self, letter: char) {
        match letter {
            '\r' => self.column = 0,
            '\n' => self.row += 1,
            letter if letter.is_control() => {}
            letter => {
                if self.column == self.columns {
                    (self.row, self.column) = (self.row + 1, 0);
                }
                let column = self.column;
                let line = self.line();
                line.resize(line.len().max(column + 1), ' ');
                line[column] = letter;
                self.column += 1;
            }
        }
    }
}
