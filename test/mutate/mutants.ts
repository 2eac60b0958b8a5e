import ts from 'typescript';

/** One change to a source file, in place of what stands between two offsets. */
export interface Mutant {
  readonly file: string;
  readonly line: number;
  /** What was there, and what is there now. */
  readonly from: string;
  readonly to: string;
  readonly start: number;
  readonly end: number;
}

const BINARY: Readonly<Record<string, readonly string[]>> = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
};
const CALLED: Readonly<Record<string, string>> = {
  ...{ some: 'every', every: 'some', min: 'max', max: 'min' },
  ...{ filter: '', sort: '', reverse: '', slice: '' },
};

/**
 * Every mutant of a file, by its syntax tree: operators, conditions, constants, what is returned, what is spread, calls that
 * choose (`filter`, `some`, `max`), statements and elements of lists and objects that are gone, and `?.` without its question. What
 * types alone say is left alone, for nothing of it runs.
 */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const mutants: Mutant[] = [];
  const put = (node: ts.Node, to: string): void => {
    const start = node.getStart(source);
    const from = text.slice(start, node.end);
    if (from === to) return;
    const { line } = source.getLineAndCharacterOfPosition(start);
    mutants.push({ file, line: line + 1, from: from.replaceAll(/\s+/g, ' ').slice(0, 80), to, start, end: node.end });
  };
  const walk = (node: ts.Node): void => {
    if (isOfTypes(node)) return;
    mutate(node, put);
    ts.forEachChild(node, walk);
  };
  walk(source);
  return mutants;
}

const isOfTypes = (node: ts.Node): boolean =>
  ts.isTypeNode(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node);

type Put = (node: ts.Node, to: string) => void;

function mutate(node: ts.Node, put: Put): void {
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.getText();
    for (const other of BINARY[operator] ?? []) put(node.operatorToken, other);
    if (operator === '??=') put(node.operatorToken, '=');
  } else if (ts.isPrefixUnaryExpression(node)) {
    put(node, node.operand.getText());
  } else if (ts.isNumericLiteral(node)) {
    put(node, `${Number(node.text.replaceAll('_', '')) + 1}`);
  } else if (isWord(node)) {
    put(node, node.getText().length === 2 ? "'x'" : "''");
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) {
    put(node, 'false');
  } else if (node.kind === ts.SyntaxKind.FalseKeyword) {
    put(node, 'true');
  } else if (ts.isConditionalExpression(node)) {
    put(node.condition, 'true');
    put(node.condition, 'false');
  } else if (ts.isIfStatement(node)) {
    put(node.expression, 'true');
    put(node.expression, 'false');
  } else if (ts.isReturnStatement(node) && node.expression) {
    put(node.expression, 'undefined as never');
  } else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
    put(node.body, 'undefined as never');
  } else if (ts.isSpreadElement(node)) {
    put(node, '...[]');
  } else if (ts.isSpreadAssignment(node)) {
    put(node, '...{}');
  } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { name, expression } = node.expression;
    const other = Object.hasOwn(CALLED, name.text) ? CALLED[name.text] : undefined;
    if (other === '') put(node, expression.getText());
    else if (other !== undefined) put(name, other);
  } else if (ts.isRegularExpressionLiteral(node)) {
    put(node, '/(?!)/');
    put(node, '/(?:)/');
  }
  remove(node, put);
}

/** What is done, and not only what is decided: a step that is left out, an entry that is missing, and what is asked of nothing. */
function remove(node: ts.Node, put: Put): void {
  if (isStep(node)) {
    put(node, '{}');
  } else if (ts.isArrayLiteralExpression(node)) {
    for (const element of node.elements) if (!ts.isSpreadElement(element)) put(element, '...[]');
  } else if (ts.isObjectLiteralExpression(node)) {
    for (const member of node.properties) if (!ts.isSpreadAssignment(member)) put(member, '...{}');
  } else if (ts.isPropertyAccessExpression(node) && node.questionDotToken) {
    put(node.questionDotToken, '.');
  } else if ((ts.isElementAccessExpression(node) || ts.isCallExpression(node)) && node.questionDotToken) {
    put(node.questionDotToken, '');
  }
}

/** A condition without its statement is mutated as a condition; a declaration that is gone is missed by its first use. */
const isStep = (node: ts.Node): boolean =>
  ts.isExpressionStatement(node) ||
  ts.isThrowStatement(node) ||
  ts.isForOfStatement(node) ||
  ts.isForStatement(node) ||
  ts.isContinueStatement(node) ||
  ts.isBreakStatement(node);

/** Text that runs: a template without holes counts, a name of a member that is asked for by it does not. */
const isWord = (node: ts.Node): boolean =>
  (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) && !ts.isPropertyAssignment(node.parent)
    ? true
    : ts.isStringLiteral(node) && ts.isPropertyAssignment(node.parent) && node.parent.initializer === node;
