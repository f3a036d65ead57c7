"""One file per recogniser; `RECOGNIZERS` names them."""
