import { basicPlan } from './modules/basic-plan.ts';

basicPlan('query');
