import { type ConfigForm, errorAt } from '../state/config-form.js';
import type { Failure } from '../state/failure.js';
import { texts } from '../texts.js';
import { Checkbox, Choices, Group, TextField } from './field.js';
import { TextArea } from './text-area.js';

const text = texts.config;
const HELP: Readonly<Record<string, string>> = text.help;

interface Fields {
  readonly form: ConfigForm;
  readonly failure: Failure | undefined;
  readonly onChange: (change: Partial<ConfigForm>) => void;
}

/** Everything that can be set of a table, each field with what the API says of it. */
export function ConfigFields(fields: Fields) {
  return (
    <>
      <Group label={text.general}>
        <Text {...fields} name="tableName" />
        <Text {...fields} name="description" />
      </Group>
      <Group label={text.schedule}>
        <Check {...fields} name="enabled" />
        <Text {...fields} name="syncFrequency" isNumber />
      </Group>
      <Group label={text.reading}>
        <Text {...fields} name="whseid" />
        <Text {...fields} name="lookbackMinutes" isNumber />
        <Text {...fields} name="batchSize" isNumber />
        <Text {...fields} name="maxRecords" isNumber />
        <Text {...fields} name="maxWorkers" isNumber />
        <Check {...fields} name="initialSync" />
        <TextArea
          label={text.labels.columns}
          help={text.help.columns}
          error={errorAt(fields.failure, 'columns')}
          value={fields.form.columns}
          onValue={(columns) => fields.onChange({ columns })}
        />
      </Group>
      <Group label={text.comparing}>
        <Text {...fields} name="reconcileFrequency" isNumber />
        <Check {...fields} name="reconcileRepair" />
      </Group>
      <Group label={text.deleting}>
        <Choices
          label={text.labels.deleteMode}
          options={text.deleteModes}
          value={fields.form.deleteMode}
          onValue={(deleteMode) => fields.onChange({ deleteMode })}
        />
        <Text {...fields} name="percent" />
      </Group>
    </>
  );
}

type NameOf<Value> = {
  [Name in keyof ConfigForm]: ConfigForm[Name] extends Value ? Name : never;
}[keyof ConfigForm];

/** What an empty text means something for; of the others it would be left out of the request. */
const MAY_BE_BLANK: readonly string[] = ['description', 'whseid', 'percent'];

function Text({
  form,
  failure,
  onChange,
  name,
  isNumber = false,
}: Fields & { readonly name: NameOf<string>; readonly isNumber?: boolean }) {
  const help = HELP[name];
  return (
    <TextField
      label={text.labels[name]}
      {...(help !== undefined && { help })}
      error={errorAt(failure, name)}
      type={isNumber ? 'number' : 'text'}
      value={form[name]}
      onValue={(value) => onChange({ [name]: value })}
      required={!MAY_BE_BLANK.includes(name)}
    />
  );
}

function Check({ form, onChange, name }: Fields & { readonly name: NameOf<boolean> }) {
  return (
    <Checkbox
      label={text.labels[name]}
      checked={form[name]}
      onChecked={(checked) => onChange({ [name]: checked })}
    />
  );
}
