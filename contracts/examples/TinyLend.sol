// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {IAggregator} from "../src/interfaces/external/IAggregator.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title A small lending market: the worked example of docs/how-to/integrate-a-protocol.md.
/// @notice One collateral, one debt token, two price feeds, a fixed liquidation threshold and bonus, no interest.
/// @dev An example, not a product: the deployer is the lender, and lenders are not accounted for.
/// While a position is only a little under water, one liquidator alone may liquidate it, and liquidators compete where
/// that liquidator holds its auctions. Below `OPEN_BELOW` any account may, so solvency depends on no single account.
contract TinyLend {
    using SafeERC20 for IERC20;

    struct Loan {
        uint128 collateral;
        uint128 debt;
    }

    uint256 public constant BPS = 10_000;
    /// @notice Part of the collateral's value that debt may reach before liquidation, and before a borrow is refused.
    uint256 public constant THRESHOLD_BPS = 8000;
    uint256 public constant BORROW_BPS = 7500;
    /// @notice Collateral value handed out per debt value repaid.
    uint256 public constant BONUS_BPS = 10_500;
    /// @notice Health (WAD) below which the gate is open to all.
    uint256 public constant OPEN_BELOW = 0.95e18;

    IERC20 public immutable COLLATERAL;
    IERC20 public immutable DEBT;
    IAggregator public immutable COLLATERAL_FEED;
    IAggregator public immutable DEBT_FEED;
    uint256 private immutable COLLATERAL_UNIT;
    uint256 private immutable DEBT_UNIT;
    address private immutable DEPLOYER;

    /// @notice The only account that may liquidate above `OPEN_BELOW`; named once.
    address public liquidator;
    mapping(address borrower => Loan) public loans;

    event Supplied(address indexed borrower, uint256 amount);
    event Borrowed(address indexed borrower, uint256 amount);
    event Repaid(address indexed borrower, uint256 amount);
    event Withdrawn(address indexed borrower, uint256 amount);
    event Liquidated(address indexed borrower, uint256 repaid, uint256 seized);

    error OnlyDeployer();
    error LiquidatorAlreadySet();
    error PriceMissing(address feed);
    error TooMuchDebt(uint256 debt, uint256 most);
    error Healthy(uint256 health);
    error Gated(address caller);

    constructor(IERC20 collateral, IERC20 debt, IAggregator collateralFeed, IAggregator debtFeed) {
        (COLLATERAL, DEBT, COLLATERAL_FEED, DEBT_FEED) = (collateral, debt, collateralFeed, debtFeed);
        // the two feeds must have equal decimals
        COLLATERAL_UNIT = 10 ** IERC20Metadata(address(collateral)).decimals();
        DEBT_UNIT = 10 ** IERC20Metadata(address(debt)).decimals();
        DEPLOYER = msg.sender;
    }

    /// @notice Names the liquidator, once: Gavel's adapter for this market.
    function setLiquidator(address liquidator_) external {
        if (msg.sender != DEPLOYER) revert OnlyDeployer();
        if (liquidator != address(0)) revert LiquidatorAlreadySet();
        liquidator = liquidator_;
    }

    /// @notice Adds collateral to a borrower's position. Anyone.
    function supply(address borrower, uint128 amount) external {
        loans[borrower].collateral += amount;
        emit Supplied(borrower, amount);
        COLLATERAL.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @notice Borrows against the caller's collateral.
    function borrow(uint128 amount) external {
        loans[msg.sender].debt += amount;
        _requireCover(msg.sender);
        emit Borrowed(msg.sender, amount);
        DEBT.safeTransfer(msg.sender, amount);
    }

    /// @notice Pays a borrower's debt back, as far as there is any. Anyone.
    function repay(address borrower, uint128 amount) external {
        uint128 paid = amount < loans[borrower].debt ? amount : loans[borrower].debt;
        loans[borrower].debt -= paid;
        emit Repaid(borrower, paid);
        DEBT.safeTransferFrom(msg.sender, address(this), paid);
    }

    /// @notice Takes the caller's collateral out, as far as the debt allows.
    function withdraw(uint128 amount) external {
        loans[msg.sender].collateral -= amount;
        _requireCover(msg.sender);
        emit Withdrawn(msg.sender, amount);
        COLLATERAL.safeTransfer(msg.sender, amount);
    }

    /// @notice Repays an unhealthy position's debt and hands out collateral for it, with the bonus.
    /// @param most Debt units the caller pays at most; it must have approved them.
    function liquidate(address borrower, uint256 most) external returns (uint256 repaid, uint256 seized) {
        uint256 health = healthOf(borrower);
        if (health >= 1e18) revert Healthy(health);
        if (health >= OPEN_BELOW && msg.sender != liquidator) revert Gated(msg.sender);
        (repaid, seized) = previewLiquidation(borrower, most);
        // forge-lint: disable-next-line(unsafe-typecast)
        loans[borrower].debt -= uint128(repaid);
        // forge-lint: disable-next-line(unsafe-typecast)
        loans[borrower].collateral -= uint128(seized);
        emit Liquidated(borrower, repaid, seized);
        DEBT.safeTransferFrom(msg.sender, address(this), repaid);
        COLLATERAL.safeTransfer(msg.sender, seized);
    }

    /// @notice What `liquidate` would repay and hand out: all debt if wanted, or what all collateral pays for.
    function previewLiquidation(address borrower, uint256 most) public view returns (uint256 repaid, uint256 seized) {
        Loan memory loan = loans[borrower];
        (uint256 collateralPrice, uint256 debtPrice) = _prices();
        uint256 perDebt = debtPrice * BONUS_BPS * COLLATERAL_UNIT;
        uint256 perCollateral = collateralPrice * BPS * DEBT_UNIT;
        repaid = Math.min(most, loan.debt);
        seized = Math.mulDiv(repaid, perDebt, perCollateral);
        if (seized < loan.collateral) return (repaid, seized);
        // the collateral is the limit: it pays for this much debt, in the lenders' favour
        repaid = Math.min(repaid, Math.mulDiv(loan.collateral, perCollateral, perDebt, Math.Rounding.Ceil));
        seized = loan.collateral;
    }

    /// @notice Collateral value at the threshold over debt value, WAD; the maximum without debt.
    function healthOf(address borrower) public view returns (uint256) {
        Loan memory loan = loans[borrower];
        if (loan.debt == 0) return type(uint256).max;
        (uint256 collateralPrice, uint256 debtPrice) = _prices();
        return Math.mulDiv(
            uint256(loan.collateral) * collateralPrice * DEBT_UNIT,
            THRESHOLD_BPS * 1e18,
            uint256(loan.debt) * debtPrice * COLLATERAL_UNIT * BPS
        );
    }

    function _requireCover(address borrower) private view {
        Loan memory loan = loans[borrower];
        if (loan.debt == 0) return;
        (uint256 collateralPrice, uint256 debtPrice) = _prices();
        uint256 most = Math.mulDiv(
            uint256(loan.collateral) * collateralPrice * DEBT_UNIT, BORROW_BPS, debtPrice * COLLATERAL_UNIT * BPS
        );
        if (loan.debt > most) revert TooMuchDebt(loan.debt, most);
    }

    function _prices() private view returns (uint256 collateralPrice, uint256 debtPrice) {
        return (_price(COLLATERAL_FEED), _price(DEBT_FEED));
    }

    function _price(IAggregator feed) private view returns (uint256) {
        (, int256 answer,,,) = feed.latestRoundData();
        if (answer <= 0) revert PriceMissing(address(feed));
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint256(answer);
    }
}
