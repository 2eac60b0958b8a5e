import type { Knex } from 'knex';

/** The provinces since 1 July 2025 (Resolution 202/2025/QH15), by the codes of the General Statistics Office. */
const PROVINCES = [
  ['01', 'Thành phố Hà Nội', 'Ha Noi City'],
  ['04', 'Tỉnh Cao Bằng', 'Cao Bang Province'],
  ['08', 'Tỉnh Tuyên Quang', 'Tuyen Quang Province'],
  ['11', 'Tỉnh Điện Biên', 'Dien Bien Province'],
  ['12', 'Tỉnh Lai Châu', 'Lai Chau Province'],
  ['14', 'Tỉnh Sơn La', 'Son La Province'],
  ['15', 'Tỉnh Lào Cai', 'Lao Cai Province'],
  ['19', 'Tỉnh Thái Nguyên', 'Thai Nguyen Province'],
  ['20', 'Tỉnh Lạng Sơn', 'Lang Son Province'],
  ['22', 'Tỉnh Quảng Ninh', 'Quang Ninh Province'],
  ['24', 'Tỉnh Bắc Ninh', 'Bac Ninh Province'],
  ['25', 'Tỉnh Phú Thọ', 'Phu Tho Province'],
  ['31', 'Thành phố Hải Phòng', 'Hai Phong City'],
  ['33', 'Tỉnh Hưng Yên', 'Hung Yen Province'],
  ['37', 'Tỉnh Ninh Bình', 'Ninh Binh Province'],
  ['38', 'Tỉnh Thanh Hóa', 'Thanh Hoa Province'],
  ['40', 'Tỉnh Nghệ An', 'Nghe An Province'],
  ['42', 'Tỉnh Hà Tĩnh', 'Ha Tinh Province'],
  ['44', 'Tỉnh Quảng Trị', 'Quang Tri Province'],
  ['46', 'Thành phố Huế', 'Hue City'],
  ['48', 'Thành phố Đà Nẵng', 'Da Nang City'],
  ['51', 'Tỉnh Quảng Ngãi', 'Quang Ngai Province'],
  ['52', 'Tỉnh Gia Lai', 'Gia Lai Province'],
  ['56', 'Tỉnh Khánh Hòa', 'Khanh Hoa Province'],
  ['66', 'Tỉnh Đắk Lắk', 'Dak Lak Province'],
  ['68', 'Tỉnh Lâm Đồng', 'Lam Dong Province'],
  ['75', 'Tỉnh Đồng Nai', 'Dong Nai Province'],
  ['79', 'Thành phố Hồ Chí Minh', 'Ho Chi Minh City'],
  ['80', 'Tỉnh Tây Ninh', 'Tay Ninh Province'],
  ['82', 'Tỉnh Đồng Tháp', 'Dong Thap Province'],
  ['86', 'Tỉnh Vĩnh Long', 'Vinh Long Province'],
  ['91', 'Tỉnh An Giang', 'An Giang Province'],
  ['92', 'Thành phố Cần Thơ', 'Can Tho City'],
  ['96', 'Tỉnh Cà Mau', 'Ca Mau Province'],
] as const;

/**
 * Operators, never citizens: who they are, where they work, how they come in. That nobody becomes one, changes or comes back by
 * one person's word stands here as well as in the code (compare `change_requests`): a row says which change request made it so.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE offices (
      id text PRIMARY KEY CHECK (id ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(id) <= 60),
      kind text NOT NULL CHECK (kind IN ('nation', 'province', 'commune')),
      parent_id text,
      parent_kind text GENERATED ALWAYS AS (CASE kind WHEN 'province' THEN 'nation' WHEN 'commune' THEN 'province' END) STORED,
      name_vi text NOT NULL CHECK (length(name_vi) BETWEEN 1 AND 120),
      name_en text NOT NULL CHECK (length(name_en) BETWEEN 1 AND 120),
      UNIQUE (id, kind),
      UNIQUE (parent_id, name_vi),
      CHECK ((kind = 'nation') = (parent_id IS NULL)),
      FOREIGN KEY (parent_id, parent_kind) REFERENCES offices (id, kind)
    );
    CREATE UNIQUE INDEX offices_one_nation ON offices (kind) WHERE kind = 'nation';

    CREATE TABLE operators (
      id uuid PRIMARY KEY,
      person text NOT NULL CHECK (length(person) = 43),
      name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
      email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
      office text NOT NULL REFERENCES offices,
      roles text[] NOT NULL CHECK (roles <@ ARRAY['intake', 'approver', 'lock_authority', 'rp_admin', 'auditor', 'security', 'sysadmin']),
      state text NOT NULL CHECK (state IN ('invited', 'active', 'suspended', 'retired')),
      version integer NOT NULL DEFAULT 1,
      change_id uuid,
      test boolean NOT NULL DEFAULT false,
      found_by text NOT NULL DEFAULT '',
      created_at timestamptz NOT NULL,
      last_seen_at timestamptz
    );
    CREATE UNIQUE INDEX operators_one_per_person ON operators (person) WHERE state <> 'retired';
    CREATE UNIQUE INDEX operators_one_per_address ON operators (lower(email)) WHERE state <> 'retired';

    CREATE TABLE operator_bootstrap (
      "only" boolean PRIMARY KEY DEFAULT true CHECK ("only"),
      operator_id uuid NOT NULL REFERENCES operators
    );

    CREATE TABLE operator_invitations (
      operator_id uuid PRIMARY KEY REFERENCES operators,
      code_hash bytea NOT NULL UNIQUE CHECK (octet_length(code_hash) = 32),
      tries integer NOT NULL DEFAULT 0,
      used boolean NOT NULL DEFAULT false,
      reusable boolean NOT NULL DEFAULT false,
      expires_at timestamptz NOT NULL
    );

    CREATE TABLE operator_passkeys (
      id uuid PRIMARY KEY,
      operator_id uuid NOT NULL REFERENCES operators,
      locator bytea NOT NULL UNIQUE CHECK (octet_length(locator) = 32),
      name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
      binding bytea NOT NULL,
      revision integer NOT NULL DEFAULT 1,
      created_at timestamptz NOT NULL,
      last_used_at timestamptz
    );
    CREATE INDEX operator_passkeys_of ON operator_passkeys (operator_id);

    CREATE TABLE operator_sessions (
      token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
      operator_id uuid NOT NULL REFERENCES operators,
      created_at timestamptz NOT NULL,
      seen_at timestamptz NOT NULL
    );
    CREATE INDEX operator_sessions_of ON operator_sessions (operator_id);

    CREATE FUNCTION senid_operator_was_agreed(operator operators) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    BEGIN
      RETURN EXISTS (SELECT 1 FROM change_requests c
        WHERE c.id = operator.change_id AND c.kind = 'operator' AND c.subject = operator.id::text AND c.state = 'applied'
          AND c.after->>'person' = operator.person AND c.after->>'name' = operator.name
          AND c.after->>'email' = operator.email AND c.after->>'office' = operator.office
          AND c.after->'roles' = to_jsonb(operator.roles) AND c.after->>'state' = operator.state);
    END $$;

    CREATE FUNCTION senid_operator_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an operator is retired, never deleted';
      END IF;
      IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'invited' THEN
          RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an operator begins with an invitation';
        END IF;
        IF NEW.change_id IS NULL THEN
          -- The first by bootstrap, the second by the first: before there are two, nobody could agree.
          PERFORM pg_advisory_xact_lock(hashtextextended('operators beginning', 0));
          IF (SELECT count(*) FROM operators WHERE state <> 'retired') >= 2 THEN
            RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an operator is invited by two people';
          END IF;
        ELSIF NOT senid_operator_was_agreed(NEW) THEN
          RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'this is not what two people agreed on';
        END IF;
        RETURN NEW;
      END IF;
      IF (NEW.id, NEW.person, NEW.test, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.person, OLD.test, OLD.created_at) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'who an operator is never changes';
      END IF;
      IF OLD.state = 'retired' THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'who was retired stays so';
      END IF;
      IF NEW.change_id IS DISTINCT FROM OLD.change_id THEN
        IF NEW.change_id IS NULL OR NOT senid_operator_was_agreed(NEW) THEN
          RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'this is not what two people agreed on';
        END IF;
        RETURN NEW;
      END IF;
      IF (NEW.name, NEW.email, NEW.office, NEW.roles) IS DISTINCT FROM (OLD.name, OLD.email, OLD.office, OLD.roles) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'an operator is changed by two people';
      END IF;
      -- What one alone may do: take access away; come in with a passkey; give up an invitation that nobody ever accepted.
      IF NEW.state IS DISTINCT FROM OLD.state AND NOT (
        NEW.state = 'suspended'
        OR OLD.state = 'invited' AND NEW.state = 'active'
          AND EXISTS (SELECT 1 FROM operator_passkeys k WHERE k.operator_id = NEW.id)
        OR OLD.state = 'invited' AND NEW.state = 'retired' AND OLD.change_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM operator_passkeys k WHERE k.operator_id = NEW.id)
      ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SL003', MESSAGE = 'access is given back by two people';
      END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER operator_changes BEFORE INSERT OR UPDATE OR DELETE ON operators
      FOR EACH ROW EXECUTE FUNCTION senid_operator_changes()`);
  await knex.raw(
    "INSERT INTO offices (id, kind, name_vi, name_en) VALUES ('vn', 'nation', 'Trung ương', 'National office')",
  );
  for (const [id, vi, en] of PROVINCES) {
    await knex.raw("INSERT INTO offices (id, kind, parent_id, name_vi, name_en) VALUES (?, 'province', 'vn', ?, ?)", [
      id,
      vi,
      en,
    ]);
  }
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE operator_sessions, operator_passkeys, operator_invitations, operator_bootstrap;
    DROP FUNCTION senid_operator_was_agreed(operators);
    DROP TABLE operators;
    DROP FUNCTION senid_operator_changes();
    DROP TABLE offices`);
}
